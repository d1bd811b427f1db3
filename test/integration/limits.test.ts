import { agent, type Client, createClient } from '@reeve/sdk';
import { expect, test } from 'vitest';
import { openEmbedded } from '../support/embedded.js';
import { RawAgent } from '../support/raw-agent.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** An agent that notes how many of each key it has at once. */
function counting(address: string, agentId: string, counts: Map<string, { now: number; most: number }>) {
  const worker = agent({ agentId, address, slots: 20, log: silent });
  worker.handle('call', async (input) => {
    const { key } = input as { key: string };
    const count = counts.get(key) ?? { now: 0, most: 0 };
    counts.set(key, count);
    count.now += 1;
    count.most = Math.max(count.most, count.now);
    // What is to be done: long enough for others to begin meanwhile, if they were let.
    await new Promise((resolve) => setTimeout(resolve, 5));
    count.now -= 1;
    return key;
  });
  return worker;
}

const submit = (client: Client, key: string, limitKeys: readonly string[]) =>
  client.submit({ kind: 'call', input: { key }, limitKeys });

test('agents never have more tasks of a key than its limit, and the others do not wait behind it', async () => {
  const coordinator = await openEmbedded();
  const client = createClient({ address: coordinator.address });
  await client.config.set('limits', { api: { max_concurrent: 2 }, 'customer/*': { max_concurrent: 1 } });
  const counts = new Map<string, { now: number; most: number }>();
  const workers = ['a', 'b'].map((id) => counting(coordinator.address, id, counts));
  for (const worker of workers) await worker.start();
  const handles = [];
  for (let n = 0; n < 40; n += 1) {
    handles.push(await submit(client, 'api', ['api']), await submit(client, 'free', []));
    handles.push(await submit(client, 'api', ['api', `customer/${n % 2}`]));
    handles.push(await submit(client, 'customer', ['customer/9']));
  }
  for (const { taskId } of handles) await client.wait(taskId);
  expect(counts.get('api')?.most).toBeLessThanOrEqual(2);
  expect(counts.get('customer')?.most).toBe(1);
  expect(counts.get('free')?.now).toBe(0);
  for (const worker of workers) await worker.stop();
  client.close();
  await coordinator.stop();
}, 60_000);

test('what an agent had before a restart counts after it', async () => {
  const data = temporaryFolder('limits');
  const first = await openEmbedded({ data });
  const client = createClient({ address: first.address });
  await client.config.set('limits', { api: { max_concurrent: 1 } });
  const raw = new RawAgent(first.address);
  await raw.hello('holder', { capabilities: ['call'] });
  raw.grant(1);
  const held = await submit(client, 'held', ['api']);
  raw.accept(...(await raw.assignments(1)));
  for await (const { state } of client.watch(held.taskId)) if (state === 'RUNNING') break;
  const waiting = await submit(client, 'waiting', ['api']);
  client.close();
  raw.close();
  await first.stop();

  const second = await openEmbedded({ data });
  const client2 = createClient({ address: second.address });
  const counts = new Map<string, { now: number; most: number }>();
  const worker = counting(second.address, 'worker', counts);
  await worker.start();
  const free = await submit(client2, 'free', []);
  expect(await client2.wait(free.taskId)).toBe('free');
  const { text } = await client2.explain(waiting.taskId);
  expect(text).toContain('The limit api is full: 1 of 1 with agents');
  // Its agent is away, and the lease holds still: a person ends it.
  await client2.cancel(held.taskId);
  expect(await client2.wait(waiting.taskId)).toBe('waiting');
  await worker.stop();
  client2.close();
  await second.stop();
}, 120_000);
