import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createClient } from '@reeve/sdk';
import { beforeAll, describe, expect, it } from 'vitest';
import { startCoordinator } from '../support/coordinator-process.js';
import { healthOf } from '../support/health.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/** npm's variables of an `npm test` around us would tell an inner npm to work in this repository. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/.test(name)));

interface Packed {
  filename: string;
  files: { path: string; mode: number }[];
}

async function pack(): Promise<Packed & { tarball: string }> {
  const folder = temporaryFolder('pack');
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const { stdout } = await run('npm', args, { cwd: ROOT, env, maxBuffer: 64 << 20 });
  const [packed] = JSON.parse(stdout) as Packed[];
  if (!packed) throw new Error('npm pack has packed nothing');
  return { ...packed, tarball: path.join(folder, packed.filename) };
}

async function install(tarball: string): Promise<{ folder: string; talk: string }> {
  const folder = temporaryFolder('installed');
  writeFileSync(path.join(folder, 'package.json'), '{"private": true}\n');
  const args = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', tarball];
  const { stdout, stderr } = await run('npm', args, { cwd: folder, env });
  return { folder, talk: stdout + stderr };
}

/** What npm says about the machine's own configuration is not about the package. */
function withoutNpmsOwn(talk: string): string {
  return talk.replace(/^npm (notice|warn Unknown \w+ config).*\n?/gim, '');
}

const ALARMING_AT_INSTALL = /warn|error|deprecat|vulnerab|fail|allow-scripts|not recommended/i;
/** Node's own warnings, and anything that was thrown. A log line on a slow machine is neither. */
const ALARMING_AT_START = /\(node:\d+\)|Warning|deprecat|Error\b|^\s+at /im;

describe('the tarball', () => {
  let packed: Awaited<ReturnType<typeof pack>>;
  let installed: Awaited<ReturnType<typeof install>>;

  beforeAll(async () => {
    packed = await pack();
    installed = await install(packed.tarball);
  }, 300_000);

  it('holds the server, its migrations, the contract, the licence and the SDK', () => {
    const files = packed.files.map((file) => file.path);
    const wanted = [
      /^dist\/main\.js$/,
      /^dist\/postgres\/migrations\/0001_.*\.sql$/,
      /^proto\/reeve\/v1\/coordinator_service\.proto$/,
      /^LICENSE$/,
      /^README\.md$/,
      /^node_modules\/@reeve\/sdk\/package\.json$/,
      /^node_modules\/@reeve\/sdk\/dist\/index\.js$/,
      /^node_modules\/@reeve\/sdk\/dist\/protocol\.d\.ts$/,
    ];
    expect(wanted.filter((pattern) => !files.some((file) => pattern.test(file)))).toEqual([]);
  });

  it('holds nothing that only the repository needs', () => {
    const own = packed.files
      .map((file) => file.path)
      .filter((file) => !file.startsWith('node_modules/') || file.startsWith('node_modules/@reeve/'));
    expect(own.filter((file) => /tsbuildinfo|\/(examples|bench|test)\//.test(file))).toEqual([]);
    expect(own.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([]);
  });

  it('installs without install scripts and without a word that would alarm', () => {
    expect(withoutNpmsOwn(installed.talk)).not.toMatch(ALARMING_AT_INSTALL);
  });

  it('runs as `npx reeve dev` in an empty folder, takes a task, and stops with exit code 0', async () => {
    const coordinator = await startCoordinator({
      command: ['npx', '--no', 'reeve'],
      cwd: installed.folder,
      dataDir: path.join(installed.folder, '.reeve', 'data'),
      env: { NO_UPDATE_NOTIFIER: '1' },
    });
    try {
      expect(await healthOf(coordinator.address)).toBe('SERVING');

      const client = createClient({ address: coordinator.address });
      const { taskId } = await client.submit({ kind: 'echo', input: { a: 1 } });
      expect(await client.get(taskId)).toMatchObject({ taskId, state: 'QUEUED', input: { a: 1 } });
      client.close();

      const { stdout } = await run('npx', ['--no', 'reeve', 'task', 'get', taskId, '-o', 'json'], {
        cwd: installed.folder,
        env: { ...env, REEVE_ADDRESS: coordinator.address },
      });
      expect(JSON.parse(stdout)).toMatchObject({ taskId, kind: 'echo' });

      expect(await coordinator.stop()).toEqual({ code: 0, signal: null });
      expect(withoutNpmsOwn(coordinator.stderr())).not.toMatch(ALARMING_AT_START);
    } finally {
      coordinator.kill();
    }
  }, 180_000);
});
