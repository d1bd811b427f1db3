import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import { resolveSettings } from '../../src/settings/resolve-settings.js';
import { SETTINGS } from '../../src/settings/table.js';
import { unknownVariables } from '../../src/settings/unknown-variables.js';
import { readRepositoryFile } from '../house/repository.js';

/** Lines of `NAME=VALUE`, without comments and headings; of a name that is there twice, both. */
function linesOf(file: string): readonly (readonly [string, string])[] {
  return readRepositoryFile(file)
    .split('\n')
    .flatMap((line) => {
      const [, name, value] = /^([A-Za-z_]+)=(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value] as const];
    });
}

const UNIT = new Map(linesOf('deploy/systemd/reeve.service'));

describe('the systemd unit', () => {
  it('gives a stop more time than a coordinator takes for it', () => {
    expect(Number(UNIT.get('TimeoutStopSec')) * 1_000).toBeGreaterThan(SETTINGS.stopGraceMs.default);
    expect(UNIT.get('KillSignal')).toBe('SIGTERM');
  });

  it('starts again after what a restart can mend, and after nothing else', () => {
    expect(UNIT.get('Restart')).toBe('on-failure');
    const never = UNIT.get('RestartPreventExitStatus')?.split(' ').map(Number);
    expect(never).toEqual([
      EXIT.usage,
      EXIT.storeRefused,
      EXIT.databaseMissing,
      EXIT.storeTooOld,
      EXIT.schemaUnknown,
      EXIT.schemaTooOld,
    ]);
    for (const mended of [EXIT.failure, EXIT.storeUnreachable, EXIT.storeIsReplica, EXIT.storeFull])
      expect(never).not.toContain(mended);
  });

  it('runs as nobody of power, on a machine that it cannot write to', () => {
    expect(Object.fromEntries(UNIT)).toMatchObject({
      DynamicUser: 'yes',
      NoNewPrivileges: 'yes',
      CapabilityBoundingSet: '',
      ProtectSystem: 'strict',
      ProtectHome: 'yes',
    });
    // V8 compiles as it runs.
    expect(UNIT.has('MemoryDenyWriteExecute')).toBe(false);
  });

  it('reads a file of settings that there are', () => {
    expect(UNIT.get('EnvironmentFile')).toBe('/etc/reeve.env');
    // In quotes, which systemd and a shell take off alike.
    const lines = linesOf('deploy/systemd/reeve.env').map(([name, value]) => [
      name,
      value.replace(/^'(.*)'$/, '$1'),
    ]);
    const env: Record<string, string> = Object.fromEntries(lines);
    expect(unknownVariables(env)).toEqual([]);
    const { origins } = resolveSettings({ env });
    const set = Object.values(origins).filter(({ source }) => source === 'environment');
    expect(set).toHaveLength(Object.keys(env).length);
  });
});
