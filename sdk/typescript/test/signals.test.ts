import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { FakeCoordinator } from './support/fake-coordinator.js';
import { assignment } from './support/work-probe.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const PROGRAM = `
  import { agent } from '@reeve/sdk';
  const worker = agent({ agentId: 'worker' });
  worker.handle('echo', (input) => input);
  worker.handle('deaf', () => new Promise(() => {}));
  await worker.run();
`;

/** A process that runs an agent, connected. */
async function setup() {
  const server = await FakeCoordinator.start();
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
    env: { ...process.env, REEVE_ADDRESS: server.address },
    stdio: 'ignore',
  });
  cleanups.push(
    () => server.crash(),
    () => child.kill('SIGKILL'),
  );
  const session = await server.nextSession();
  session.welcome();
  await session.next('grant');
  return { child, exited: once(child, 'exit'), session };
}

it('a first signal lets what runs end, and the process with it', async () => {
  const { child, exited, session } = await setup();
  session.assign(assignment('echo'));
  await session.next('accept');
  child.kill('SIGTERM');
  await session.next('drain');
  session.send({ case: 'drainAck', value: {} });
  for (const report of (await session.next('results')).results) session.acknowledge(report);
  expect(await exited).toEqual([0, null]);
});

it('a second signal ends the process at once', async () => {
  const { child, exited, session } = await setup();
  session.assign(assignment('deaf'));
  await session.next('accept');
  child.kill('SIGINT');
  await session.next('drain');
  child.kill('SIGINT');
  expect(await exited).toEqual([null, 'SIGINT']);
});
