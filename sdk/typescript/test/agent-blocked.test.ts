import { createClient } from '@reeve/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CoordinatorProcess, startCoordinator } from '../../../test/support/coordinator-process.js';
import { startBlockingAgent } from './support/blocking-agent.js';

let coordinator: CoordinatorProcess;
let client: ReturnType<typeof createClient>;

beforeAll(async () => {
  // A blocked agent is silent on its stream too, and its session ends long before its lease.
  // The lease is long enough for the thread that renews to be up in time on a busy machine.
  coordinator = await startCoordinator({ args: ['--lease-ttl', '6s', '--ping-interval', '300ms'] });
  client = createClient({ address: coordinator.address });
});

afterAll(async () => {
  client?.close();
  await coordinator?.stop();
});

/** Submits a task of one attempt. */
const submit = (kind: string) => client.submit<unknown>({ kind, retry: { maxAttempts: 1 } });

/** Resolves when its handler has begun. */
async function begins(task: Awaited<ReturnType<typeof submit>>): Promise<void> {
  for await (const { state } of task.watch()) if (state === 'RUNNING') return;
  throw new Error('it never ran');
}

async function trailOf(taskId: string) {
  const events = [];
  for await (const event of client.events(taskId)) events.push(event);
  return events;
}

describe('a handler that blocks the event loop for longer than the lease', { timeout: 60_000 }, () => {
  it('keeps its task, unless the agent is not to renew meanwhile', async () => {
    const { address } = coordinator;
    const keeper = startBlockingAgent({ address, agentId: 'keeper' });
    const loser = startBlockingAgent({ address, agentId: 'loser', renewWhileBlocked: false });
    const kept = await submit(keeper.kind);
    await begins(kept);
    const lost = await submit(loser.kind);
    await begins(lost);

    await expect(lost.wait()).rejects.toMatchObject({ state: 'DEAD_LETTER' });
    expect((await trailOf(lost.taskId)).map(({ type }) => type)).toContain('LEASE_EXPIRED');
    // The kept one has blocked for longer.
    expect(await client.get(kept.taskId)).toMatchObject({ state: 'RUNNING', epoch: 1 });

    keeper.release();
    expect(await kept.wait()).toEqual({ aborted: false });
    const trail = await trailOf(kept.taskId);
    expect(trail.map(({ type, epoch }) => `${type} ${epoch}`)).toEqual([
      'SUBMITTED 0',
      'CLAIMED 1',
      'ACCEPTED 1',
      'SUCCEEDED 1',
    ]);
    expect(await keeper.stop()).toBe(0);
  });

  it('loses its task when it has blocked past the cap', async () => {
    // Longer than a lease, which alone would not last for it.
    const stallCapMs = 8_000;
    const hung = startBlockingAgent({ address: coordinator.address, agentId: 'hung', stallCapMs });
    const task = await submit(hung.kind);
    await expect(task.wait()).rejects.toMatchObject({ state: 'DEAD_LETTER' });
    const trail = await trailOf(task.taskId);
    const at = (type: string) => Number(trail.find((event) => event.type === type)?.eventTime);
    // By the record's clock: until the cap it was renewed.
    expect(at('LEASE_EXPIRED') - at('ACCEPTED')).toBeGreaterThan(stallCapMs);
  });
});
