import { agent, createClient } from '@reeve/sdk';
import { expect, test } from 'vitest';
import { openEmbedded } from '../support/embedded.js';

/** One that met the end of a stream on its way is given back, at no cost. */
const AS_IT_SHOULD = ['SUBMITTED', 'CLAIMED', 'RETURNED', 'ACCEPTED', 'SUCCEEDED'];

test('streams that are opened anew again and again cost no lease and no attempt', async () => {
  const coordinator = await openEmbedded({ 'stream-age': '1s', 'ping-interval': '2s' });
  const { address } = coordinator;
  const client = createClient({ address });
  const agentId = 'mover';
  const worker = agent({ agentId, address, slots: 4, log: { debug() {}, info() {}, warn() {}, error() {} } });
  let finish = () => {};
  worker.handle('short', async (input: number) => input);
  worker.handle('long', async (_, { signal }) => {
    await new Promise<void>((resolve, reject) => {
      finish = resolve;
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  });
  await worker.start();

  // One that runs through all of it, and short ones that come and end meanwhile.
  const long = await client.submit({ kind: 'long', input: 0 });
  const sessions = new Set<string | undefined>();
  const taskIds: string[] = [];
  while (sessions.size < 4) {
    sessions.add((await client.agents.get(agentId)).instances[0]?.sessionId);
    const { taskId } = await client.submit({ kind: 'short', input: 1 });
    taskIds.push(taskId);
    await client.wait(taskId);
  }
  finish();
  await client.wait(long.taskId);
  const events = new Set<string>();
  for (const taskId of [long.taskId, ...taskIds]) {
    expect((await client.get(taskId)).attempt).toBe(1);
    for await (const event of client.events(taskId)) events.add(event.type);
  }
  expect([...events].filter((type) => !AS_IT_SHOULD.includes(type))).toEqual([]);
  await worker.stop();
  client.close();
  await coordinator.stop();
});
