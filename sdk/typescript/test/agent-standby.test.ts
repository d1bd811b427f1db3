import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { Worker } from 'node:worker_threads';
import { agent } from '@reeve/sdk';
import { AgentService, LeaseVerdict, type RenewLeasesRequest } from '@reeve/sdk/protocol';
import { build } from 'rolldown';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.js';
import { settle, setupSlow } from './support/agent-world.js';
import { startBlockingAgent } from './support/blocking-agent.js';
import { FakeCoordinator } from './support/fake-coordinator.js';
import { assignment } from './support/work-probe.js';

/** Its handler ends when there is something in its log, so that the log has what there is to say. */
const PROGRAM = `
  import { agent } from '@reeve/sdk';
  const silent = () => {};
  let told;
  const failed = new Promise((resolve) => (told = resolve));
  const debug = (message, { error }) => {
    if (!error) return;
    console.log(message, error.message);
    told();
  };
  const worker = agent({ agentId: 'bundled', log: { debug, info: silent, warn: silent, error: silent } });
  worker.handle('work', () => failed);
  await worker.run();
`;

/** The threads that were started since, in order. */
function threads(): Worker[] {
  const started: Worker[] = [];
  const note = (worker: Worker) => void started.push(worker);
  process.on('worker', note);
  onTestFinished(() => void process.off('worker', note));
  return started;
}

describe('the thread that renews while the event loop is blocked', () => {
  it('starts with the first task, serves all agents of the process and ends with the last', async () => {
    const started = threads();
    const one = await setupSlow();
    const two = await setupSlow({ agentId: 'other' });
    const session = await one.connect();
    const otherSession = await two.connect();
    await settle(session);
    expect(started).toHaveLength(0);

    await one.assignSlow(session);
    await two.assignSlow(otherSession);
    expect(started).toHaveLength(1);
    const [thread] = started as [Worker];
    let ended = false;
    const exited = once(thread, 'exit').then(() => (ended = true));

    one.server.crash();
    await one.worker.stop({ graceMs: 0 });
    await settle(otherSession);
    expect(ended).toBe(false);
    two.server.crash();
    await two.worker.stop({ graceMs: 0 });
    await exited;
  });

  it('is not started for short leases, nor if the agent is not to have it', async () => {
    const started = threads();
    const short = await setupSlow();
    await short.assignSlow(await short.connect({ ttlMs: 1_000, renewMs: 250 }));
    const without = await setupSlow({ renewWhileBlocked: false });
    const session = await without.connect();
    await without.assignSlow(session);
    await settle(session);
    expect(started).toHaveLength(0);
  });

  it('leaves the leases alone while the event loop goes on', async () => {
    const { server, connect, assignSlow } = await setupSlow();
    let calls = 0;
    server.answer(AgentService.method.renewLeases, () => {
      calls++;
      return {};
    });
    const session = await connect({ ttlMs: 8_000, renewMs: 2_000 });
    await assignSlow(session);
    for (let i = 0; i < 2; i++) await session.next('renew');
    expect(calls).toBe(0);
  });

  it('renews in batches, on and on, and forgets what is lost', async () => {
    const server = await FakeCoordinator.start();
    onTestFinished(() => server.crash());
    const requests: RenewLeasesRequest[] = [];
    const tasks = Array.from({ length: 1_001 }, () => assignment('block.many'));
    const lostId = tasks[0]?.claim.taskId;
    let renewedAll = () => {};
    const forgotten = new Promise<void>((resolve) => (renewedAll = resolve));
    server.answer(AgentService.method.renewLeases, (request) => {
      requests.push(request);
      const batches = requests.length;
      // Three rounds: the last two do without the one that was lost.
      if (batches === 4) renewedAll();
      return {
        updates: request.claims.map((claim) => ({
          claim,
          verdict: claim.taskId === lostId ? LeaseVerdict.LOST : LeaseVerdict.KEEP,
          remaining: { seconds: 8n },
        })),
      };
    });
    startBlockingAgent({ address: server.address, agentId: 'many', slots: 1_001 });
    const session = await server.nextSession();
    // A renewal may take as long as the next one is away: enough for a busy machine.
    session.welcome({ ttlMs: 8_000, renewMs: 2_000 });
    session.assign(...tasks);
    await forgotten;
    const idsOf = (list: RenewLeasesRequest[]) => list.flatMap((r) => r.claims.map((c) => c.taskId)).sort();
    const all = tasks.map((task) => task.claim.taskId);
    expect(requests.every(({ agentId }) => agentId === 'many')).toBe(true);
    expect(requests.slice(0, 2).map((r) => r.claims.length)).toEqual(expect.arrayContaining([1_000, 1]));
    expect(idsOf(requests.slice(0, 2))).toEqual(all);
    expect(idsOf(requests.slice(2, 3))).toEqual(all.slice(1));
    expect(idsOf(requests.slice(3, 4))).toEqual(all.slice(1));
  });

  it('is done without where its module is missing, as in a bundle', async () => {
    const server = await FakeCoordinator.start();
    onTestFinished(() => server.crash());
    const file = path.join(temporaryFolder('bundle'), 'agent.mjs');
    const { output } = await build({
      input: 'program',
      platform: 'node',
      plugins: [
        {
          name: 'program',
          resolveId: (id) =>
            id === 'program' ? id : id === '@reeve/sdk' ? import.meta.resolve(id).slice(7) : null,
          load: (id) => (id === 'program' ? PROGRAM : null),
        },
      ],
      output: { file, codeSplitting: false },
    });
    expect(output).toHaveLength(1);
    const child = spawn(process.execPath, [file], {
      env: { ...process.env, REEVE_ADDRESS: server.address },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const written = text(child.stdout);
    const session = await server.nextSession();
    session.welcome();
    for (let i = 0; i < 2; i++) {
      session.assign(assignment('work', i));
      session.acknowledge(await session.nextResult());
    }
    child.kill('SIGTERM');
    await session.next('drain');
    session.send({ case: 'drainAck', value: {} });
    expect((await written).trim().split('\n')).toEqual([
      expect.stringMatching(/^leases are not renewed while the event loop is blocked/),
    ]);
  });

  it('cannot have a cap that is no span of time', () => {
    expect(() => agent({ stallCapMs: -1 })).toThrow(RangeError);
    expect(() => agent({ stallCapMs: Number.NaN })).toThrow(RangeError);
  });
});
