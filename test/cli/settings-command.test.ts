import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { GLOBAL_OPTIONS } from '../../src/cli/globals.js';
import { loadSettings } from '../../src/settings/load-settings.js';
import { SETTING_NAMES } from '../../src/settings/setting-names.js';
import { parseSettingsText } from '../../src/settings/settings-text.js';
import { SETTINGS } from '../../src/settings/table.js';
import { unknownVariables } from '../../src/settings/unknown-variables.js';
import { startCoordinator } from '../support/coordinator-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { MAIN } from './support/coordinator.js';
import { run } from './support/world.js';

function fileOf(content: string): string {
  const file = path.join(temporaryFolder('settings'), 'lab.yaml');
  writeFileSync(file, content);
  return file;
}

test('it shows every setting that is in force with what says so', async () => {
  const file = fileOf('lease-ttl: 30s\nport: 1\nhost: ::1\n');
  const env = { REEVE_PORT: '2', REEVE_HOST: '0.0.0.0', REEVE_SETTINGS: file };
  const { code, stdout } = await run(['settings', '--host', '127.0.0.2', '--no-http'], { env });
  expect(code).toBe(0);
  const rows = JSON.parse(stdout) as { name: string; value: unknown; source: string; origin: string }[];
  expect(rows.map(({ name }) => name)).toEqual(SETTING_NAMES);
  const of = (wanted: string) => {
    const { name, value, source, origin } = rows.find(({ name }) => name === wanted) ?? rows[0] ?? {};
    return { name, value, source, origin };
  };
  expect([of('host'), of('port'), of('lease-ttl'), of('http'), of('allowed-hosts')]).toEqual([
    { name: 'host', value: '127.0.0.2', source: 'flag', origin: '--host' },
    { name: 'port', value: 2, source: 'environment', origin: 'REEVE_PORT' },
    { name: 'lease-ttl', value: '30s', source: 'file', origin: `${file}:1:12` },
    { name: 'http', value: false, source: 'flag', origin: '--http' },
    { name: 'allowed-hosts', value: [], source: 'default', origin: '' },
  ]);
});

test('names choose what is shown, in every format', async () => {
  const table = await run(['settings', 'port', 'data', '--port', '0', '-o', 'table']);
  const lines = table.stdout.split('\n').map((line) => line.split(/\s{2,}/));
  expect(lines[0]).toEqual(['NAME', 'VALUE', 'SOURCE', 'ORIGIN', 'MEANING']);
  expect(lines[1]?.slice(0, 3)).toEqual(['data', '.reeve/data', 'default']);
  expect(lines[2]?.slice(0, 4)).toEqual(['port', '0', 'flag', '--port']);
  const csv = await run(['settings', 'port', '-o', 'csv']);
  expect(csv.stdout).toMatch(/^name,value,source,origin,meaning\r?\nport,9001,default,,/);
  expect((await run(['settings', 'port', '-o', 'name'])).stdout).toBe('port\n');
});

test('a name that is none is a usage error that suggests the nearest', async () => {
  const { code, stdout, stderr } = await run(['settings', 'lease-tl']);
  expect([code, stdout]).toEqual([2, '']);
  expect(JSON.parse(stderr)).toMatchObject({
    message: 'there is no setting "lease-tl"',
    hint: 'Did you mean lease-ttl?',
  });
});

test('where no name is near, the hint is the command that lists them', async () => {
  const { stderr } = await run(['settings', 'completely-different']);
  expect(JSON.parse(stderr)).toMatchObject({ hint: 'List them: reeve settings' });
});

test('a variable that nothing reads is named, with the one that was meant', async () => {
  const env = {
    REEVE_LEASE_TLT: '1s',
    REEVE_XYZZY_PLUGH: '1',
    'REEVE_\u001b[2J': '1',
    REEVE_EMPTY: '',
    REEVE_TASK_ID: 'known',
    OTHER: 'x',
  };
  const { code, stderr } = await run(['settings'], { env });
  expect([code, stderr.split('\n')]).toEqual([
    0,
    [
      String.raw`warning: the variable REEVE_\u001b[2J is read by nothing; reeve settings --defaults names those that are`,
      'warning: the variable REEVE_LEASE_TLT is read by nothing; did you mean REEVE_LEASE_TTL?',
      'warning: the variable REEVE_XYZZY_PLUGH is read by nothing; reeve settings --defaults names those that are',
      '',
    ],
  ]);
  let served = 0;
  const dev = async () => ++served;
  const told = await run(['dev'], { env: { REEVE_PROT: '1' }, dev });
  expect([told.code, told.stderr]).toEqual([1, expect.stringContaining('did you mean REEVE_PORT?')]);
  const client = await run(['task', 'list'], { env: { REEVE_ADRESS: 'x', REEVE_ADDRESS: '127.0.0.1:1' } });
  expect(client.stderr).toContain('did you mean REEVE_ADDRESS?');
  for (const argv of [['version'], ['completion', 'bash'], ['__complete', 'bash', '--', 'ta']]) {
    expect((await run(argv, { env: { REEVE_ADRESS: 'x', REEVE_ADDRESS: '127.0.0.1:1' } })).stderr).toBe('');
  }
});

test('every variable of the settings is known, and so are those of the command', () => {
  const env = Object.fromEntries(
    [...Object.values<{ env: string }>(SETTINGS), ...GLOBAL_OPTIONS].map(({ env = '' }) => [env, 'x']),
  );
  expect(
    unknownVariables({ ...env, REEVE_CONFIG: 'x', REEVE_SETTINGS: 'x', REEVE_TEST_REQUIRE: 'all' }),
  ).toEqual([]);
});

test('what dev would refuse is refused, with file, line and column', async () => {
  const file = fileOf('\nport: 70000\n');
  const { code, stdout, stderr } = await run(['settings', '--settings', file]);
  expect([code, stdout]).toEqual([2, '']);
  expect(JSON.parse(stderr)).toMatchObject({
    code: 'INVALID_SETTING',
    message: `${file}:2:7: port: "70000" is not accepted, expected a whole number from 0 to 65535`,
  });
});

test('the file it prints to start with changes nothing, and says every default when it is uncommented', async () => {
  const { code, stdout } = await run(['settings', '--defaults']);
  expect(code).toBe(0);
  expect(parseSettingsText(stdout, 'f').size).toBe(0);
  const uncommented = stdout.replace(/^#(?! )/gm, '');
  expect([...parseSettingsText(uncommented, 'f').keys()]).toEqual(SETTING_NAMES);
  const flags = { settings: fileOf(uncommented) };
  const { values, origins } = loadSettings({ flags, env: {}, folder: '.' });
  expect(values).toEqual(loadSettings({ flags: {}, env: {}, folder: temporaryFolder() }).values);
  expect(new Set(Object.values(origins).map(({ source }) => source))).toEqual(new Set(['file']));
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  expect((await run(['settings', '--defaults', 'port'])).stdout).toMatch(
    /^# Port to listen on[\s\S]*#port: 9001\n$/,
  );
});

test('dev runs with the reeve.yaml of its folder', async () => {
  const cwd = temporaryFolder('settings');
  writeFileSync(path.join(cwd, 'reeve.yaml'), 'http: off\ndata: kept-here\n');
  const coordinator = await startCoordinator({ cwd, dataDir: path.join(cwd, 'data') });
  expect(coordinator.httpAddress).toBeNull();
  await coordinator.stop();
});

test('dev does not start with a file that is wrong', async () => {
  const cwd = temporaryFolder('settings');
  writeFileSync(path.join(cwd, 'reeve.yaml'), 'prot: 0\n');
  const child = spawn(process.execPath, [MAIN, 'dev'], { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  child.stderr.on('data', (data) => {
    told += data;
  });
  const [code] = await once(child, 'close');
  expect(code).toBe(2);
  expect(told).toContain('did you mean port?');
});
