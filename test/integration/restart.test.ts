import { agent, createClient, type TaskState } from '@reeve/sdk';
import { expect, test } from 'vitest';
import { openEmbedded } from '../support/embedded.js';
import { RawAgent } from '../support/raw-agent.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

test('what waited, was delayed or ran when a coordinator stopped is finished by the next one', async () => {
  const data = temporaryFolder('restart');
  const first = await openEmbedded({ data, 'lease-ttl': '3s' });
  const client = createClient({ address: first.address });
  const raw = new RawAgent(first.address);
  await raw.hello('first', { capabilities: ['held', 'failing'] });
  raw.grant(2);
  const waiting = await client.submit({ kind: 'waiting' });
  const retry = { initialBackoffMs: 500 };
  const failing = await client.submit({ kind: 'failing', retry });
  const [attempt] = await raw.assignments(1);
  const error = { kind: 'Broken', message: 'once', retryable: true };
  raw.send({
    case: 'results',
    value: {
      results: [{ claim: attempt?.claim, resultId: crypto.randomUUID(), result: { outcome: 2, error } }],
    },
  });
  await raw.next('resultAcks');
  const held = await client.submit({ kind: 'held', retry });
  raw.accept(...(await raw.assignments(1)));
  const states: TaskState[] = [];
  for await (const task of client.watch(held.taskId)) {
    states.push(task.state);
    if (task.state === 'RUNNING') break;
  }
  client.close();
  raw.close();
  await first.stop();

  const second = await openEmbedded({ data, 'lease-ttl': '3s' });
  const client2 = createClient({ address: second.address });
  const worker = agent({ agentId: 'second', address: second.address, slots: 3, log: silent });
  for (const kind of ['waiting', 'failing', 'held'])
    worker.handle(kind, (_, ctx) => `${kind} ${ctx.attempt}`);
  await worker.start();
  expect(await client2.wait(waiting.taskId)).toBe('waiting 1');
  expect(await client2.wait(failing.taskId)).toBe('failing 2');
  expect(await client2.wait(held.taskId)).toBe('held 2');
  await worker.stop();
  client2.close();
  await second.stop();
});

test('a person is served before everything that was there first, and tiers go by their head start', async () => {
  const coordinator = await openEmbedded();
  const client = createClient({ address: coordinator.address });
  const kind = 'ordered';
  const names = ['LOW', 'NORMAL', 'URGENT', 'HIGH', 'CRITICAL'] as const;
  for (const tier of names) await client.submit({ kind, tier, labels: { name: tier } });
  await client.submit({ kind, source: 'HUMAN', tier: 'LOW', labels: { name: 'person' } });
  const order: string[] = [];
  const worker = agent({ address: coordinator.address, slots: 1, log: silent });
  const done = new Promise<void>((resolve) => {
    worker.handle(kind, (_, ctx) => {
      order.push(ctx.task.labels.name ?? '');
      if (order.length === 6) resolve();
    });
  });
  await worker.start();
  await done;
  expect(order).toEqual(['person', 'CRITICAL', 'URGENT', 'HIGH', 'NORMAL', 'LOW']);
  await worker.stop();
  client.close();
  await coordinator.stop();
});
