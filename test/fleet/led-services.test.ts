import { randomUUID } from 'node:crypto';
import { agent, type Client, createClient } from '@reeve/sdk';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Database } from '../../src/postgres/database.js';
import { openServer } from '../../src/postgres/drivers/server.js';
import { type FleetProcess, startFleet } from '../support/fleet-process.js';
import { SILENT } from '../support/pglite-record.js';
import { openRawAgent } from '../support/raw-agent.js';
import type { ServeProcess } from '../support/serve-process.js';

let fleet: FleetProcess;
let db: Database;
beforeAll(async () => {
  fleet = await startFleet({ args: ['--lease-ttl', '5s', '--ping-interval', '1s'] });
  db = openServer({ url: fleet.urls.postgresUrl, log: SILENT });
});
afterAll(async () => {
  await db.close();
  await fleet.stop();
});

const READ_LEADER = {
  name: 'read-leader',
  text: 'SELECT holder, epoch FROM leader WHERE expires_at > now()',
};

/** Who leads, once somebody does besides `not`. */
async function leader(not = ''): Promise<ServeProcess> {
  for (;;) {
    const [row] = await db.read<{ holder: string }>(READ_LEADER, []);
    const found = fleet.coordinators.find(({ coordinatorId }) => coordinatorId === row?.holder);
    if (found && found.coordinatorId !== not) return found;
  }
}

function clientOf({ address }: ServeProcess): Client {
  const client = createClient({ address });
  onTestFinished(() => client.close());
  return client;
}

/** Begins to clear a queue of so many tasks. */
async function clear(client: Client, count: number) {
  const kind = `clear-${randomUUID()}`;
  await client.submitMany(Array.from({ length: count }, () => ({ kind })));
  return client.queue.clear({ kind }, { reason: 'not wanted' });
}

test('an operation runs wherever it is begun, and whoever waits for it elsewhere sees its end', async () => {
  const clients = fleet.coordinators.map(clientOf);
  for (const [at, client] of clients.entries()) {
    const { operationId } = await clear(client, 700);
    const ended = await clients[1 - at]?.operations.wait(operationId);
    expect(ended).toMatchObject({ state: 'SUCCEEDED', totalCount: 700, doneCount: 700 });
  }
});

test.each(['killed', 'frozen'] as const)(
  'when who leads is %s the other does what it did: delayed tasks, lost leases, operations',
  { timeout: 120_000 },
  async (fate) => {
    const first = await leader();
    const other = fleet.coordinators.find((one) => one !== first);
    if (!other) throw new Error('there are two');
    const client = clientOf(other);
    const kind = `lead-${randomUUID()}`;
    // Its agent has one task when it goes, and never comes back.
    const lost = await openRawAgent(other.address, `lost-${kind}`, kind);
    lost.grant(1);
    const running = await client.submit({ kind, input: 'again', retry: { maxAttempts: 3 } });
    lost.accept(...(await lost.assignments(1)));
    while ((await client.get(running.taskId)).state !== 'RUNNING');

    if (fate === 'killed') await first.kill();
    else first.freeze();
    lost.close();
    const delayed = await client.submit({ kind, input: 'later', runAt: Date.now() + 100 });
    const { operationId } = await clear(client, 10);

    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const worker = agent({ address: other.address, agentId: `worker-${kind}`, log });
    worker.on('error', () => {});
    onTestFinished(() => worker.stop({ graceMs: 0 }));
    worker.handle<string, string>(kind, async (input) => `done ${input}`);
    await worker.start();
    expect(await client.wait(delayed.taskId)).toBe('done later');
    expect(await client.wait(running.taskId)).toBe('done again');
    expect(await client.operations.wait(operationId)).toMatchObject({ state: 'SUCCEEDED', doneCount: 10 });
    expect((await leader()).coordinatorId).toBe(other.coordinatorId);
    const trail: string[] = [];
    for await (const { type } of client.events(running.taskId)) trail.push(type);
    expect(trail).toContain('LEASE_EXPIRED');

    if (fate === 'killed') await first.restart();
    else first.thaw();
    expect((await leader()).coordinatorId).toBe(other.coordinatorId);
    expect((await clientOf(first).get(delayed.taskId)).state).toBe('SUCCEEDED');
  },
);

test('when who leads stops in order another leads at once', async () => {
  const first = await leader();
  const { coordinatorId } = first;
  expect(await first.stop()).toEqual({ code: 0, signal: null });
  const next = await leader(coordinatorId);
  const { operationId } = await clear(clientOf(next), 10);
  expect(await clientOf(next).operations.wait(operationId)).toMatchObject({ state: 'SUCCEEDED' });
});
