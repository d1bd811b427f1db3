import { execFile, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Client, createClient } from '@reeve/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileExamples } from '../../sdk/typescript/test/support/readme-examples.js';
import type { EmbeddedCoordinator } from '../../src/embedded.js';
import { run } from '../cli/support/world.js';
import { openEmbedded } from '../support/embedded.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const document = readFileSync(path.join(repository, 'docs', 'coming-from.md'), 'utf8');
const blocks = [...document.matchAll(/^```(\w+) (\S+)\n(.*?)^```$/gms)];
const blockOf = (name: string) => {
  const block = blocks.find(([, , file]) => file === name)?.[3];
  if (block === undefined) throw new Error(`docs/coming-from.md has no ${name}`);
  return block;
};

let coordinator: EmbeddedCoordinator;
let client: Client;
let folder: string;
let stopWorker = () => {};

beforeAll(async () => {
  coordinator = await openEmbedded();
  client = createClient({ address: coordinator.address });
  folder = temporaryFolder('coming-from');
  await compileExamples(
    [{ name: 'worker.ts', source: blockOf('worker.ts'), prints: undefined }],
    path.join(folder, 'programs'),
  );
  writeFileSync(path.join(folder, 'expansions.yaml'), blockOf('expansions.yaml'));
  const worker = spawn(process.execPath, [path.join(folder, 'programs', 'worker.js')], {
    env: { ...process.env, REEVE_ADDRESS: coordinator.address },
    stdio: 'ignore',
  });
  stopWorker = () => void worker.kill('SIGKILL');
  await client.run({ kind: 'report', input: {} });
});
afterAll(async () => {
  stopWorker();
  client?.close();
  await coordinator?.stop();
});

/** Runs a block as a shell does; the first command that fails is the error. */
async function shell(name: string): Promise<string> {
  const main = path.join(repository, 'dist', 'main.js');
  const script = [
    'set -e -u -o pipefail',
    `reeve() { '${process.execPath}' '${main}' "$@"; }`,
    'curl() { command curl --silent --show-error --fail-with-body --max-time 20 "$@"; echo; }',
    blockOf(name).replaceAll('127.0.0.1:9002', coordinator.httpAddress ?? ''),
  ].join('\n');
  const env = { ...process.env, REEVE_ADDRESS: coordinator.address };
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: folder, env });
  return stdout;
}

test('a job is taken, ranked and assigned by policies and roles', async () => {
  const said = await shell('policies.sh');
  expect(said).toMatch(/"max_price": ?20\b/);
  expect(said).toContain('"agentId":"worker-1"');
  const tasks = [];
  for await (const task of client.list({ kinds: ['report'], states: ['SUCCEEDED'] })) tasks.push(task);
  expect(tasks[0]).toMatchObject({ goal: 'Another page', agentId: 'worker-1' });
});

test('documents of task groups expand as they are', async () => {
  const said = await shell('expansions.sh');
  const { context } = JSON.parse(said.slice(said.lastIndexOf('\n{') + 1));
  const made: Record<string, unknown> = {};
  for (const [id, result] of Object.entries<{ task_results: { output: { done: unknown } }[] }>(
    context.outputs.all,
  )) {
    made[id] = result.task_results.map(({ output }) => output.done);
  }
  expect(made).toEqual(JSON.parse(blockOf('inputs.json')));
});

test('a queue has people first, and knows what depends on what', async () => {
  const said = await shell('queue.sh');
  expect(said).toContain('BLOCKED');
  expect(said).toMatch(/worker-1/);
});

test('agents are found, and queues are looked at and cleared', async () => {
  const said = await shell('agents.sh');
  expect(said).toMatch(/"agentId":"worker-1"/);
  expect(said).toMatch(/^# HELP reeve_/m);
  const { stdout } = await run(['queue', 'stats', '--tier', 'low', '--pauses'], {
    env: { REEVE_ADDRESS: coordinator.address },
  });
  expect(JSON.parse(stdout)).toEqual([]);
});

test('every block of the page is run', () => {
  const all = [...document.matchAll(/^```(\w+) ?(\S*)$/gm)].map(([, , name]) => name);
  const run = ['worker.ts', 'policies.sh', 'expansions.yaml', 'expansions.sh', 'inputs.json', 'queue.sh'];
  expect(all).toEqual([...run, 'agents.sh']);
});
