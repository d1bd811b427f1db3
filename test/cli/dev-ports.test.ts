import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { ownPort } from '../support/own-port.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { MAIN } from './support/coordinator.js';

/** What `reeve dev` says, until it serves. */
async function serve(cwd: string, args: readonly string[]) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('REEVE_')));
  const child = spawn(process.execPath, [MAIN, 'dev', ...args], { cwd, env });
  const ended = once(child, 'close');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  onTestFinished(stop);
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    ended.then(() => Promise.reject(new Error(stderr))),
  ]);
  await stop();
  return { served: JSON.parse(line) as Record<string, unknown>, stderr };
}

test('reeve dev says which port was taken, where it serves instead, and the whole path of its data', async () => {
  const cwd = realpathSync(temporaryFolder('cli'));
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  const { port: taken } = other.address() as AddressInfo;
  const { served, stderr } = await serve(cwd, ['--data', 'mine', '--port', `${taken}`, '--http-port', '0']);
  const used = String(served.address).split(':').at(-1);
  expect(stderr).toContain(`reeve: port ${taken} is taken; gRPC is on ${used}\n`);
  expect(stderr).not.toMatch(/HTTP is on/);
  expect(Object.keys(served)).toEqual(['address', 'httpAddress', 'pid', 'dataDir', 'mode']);
  expect(served.dataDir).toBe(path.join(cwd, 'mine'));
}, 120_000);

test('reeve dev serves where its folder remembers, unless a port is given', async () => {
  const cwd = realpathSync(temporaryFolder('cli'));
  const port = await ownPort();
  const data = temporaryFolder('data');
  const manifest = { postgresMajor: 18, createdBy: '0', ports: { port } };
  writeFileSync(path.join(data, 'reeve.json'), JSON.stringify(manifest));
  const there = await serve(cwd, ['--data', data, '--no-http']);
  expect(there.served.address).toBe(`127.0.0.1:${port}`);
  expect(there.stderr).not.toContain('is taken');
  const elsewhere = await serve(cwd, ['--data', data, '--no-http', '--port', '0']);
  expect(elsewhere.served.address).not.toBe(`127.0.0.1:${port}`);
}, 120_000);
