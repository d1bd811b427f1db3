import { agent, type Client, createClient, type HandlerContext } from '@reeve/sdk';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type FleetProcess, startFleet } from '../support/fleet-process.js';

const TIMEOUT_MS = 180_000;
const nothing = () => undefined;
const QUIET = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const SLOTS = 2;

let fleet: FleetProcess;
beforeAll(async () => {
  fleet = await startFleet();
}, TIMEOUT_MS);
afterAll(() => fleet?.stop());

async function reaches(client: Client, taskId: string, state: string): Promise<void> {
  for await (const task of client.watch(taskId)) if (task.state === state) return;
  throw new Error(`${taskId} never was ${state}`);
}

test(
  'on agents of both coordinators people get slots of the youngest LOW work, one each, which is done later',
  async () => {
    const addresses = fleet.coordinators.map(({ address }) => address);
    const clients = addresses.map((address) => createClient({ address }));
    onTestFinished(() => {
      for (const client of clients) client.close();
    });
    const [client, other] = clients as [Client, Client];
    await client.jobKinds.put({ kind: 'digest', preemptible: true });
    const over = new AbortController();
    const digest = async (_: unknown, ctx: HandlerContext) => {
      const { begun = 0 } = (ctx.checkpoint ?? {}) as { begun?: number };
      const either = AbortSignal.any([ctx.signal, over.signal]);
      if (!either.aborted) {
        await new Promise((resolve) => either.addEventListener('abort', resolve, { once: true }));
      }
      if (!ctx.signal.aborted) return begun;
      ctx.progress(0.5, 'stopping', { checkpoint: { begun: begun + 1 } });
      throw ctx.signal.reason;
    };
    const agents = addresses.map((address, i) => {
      const one = agent({ address, agentId: `worker-${i}`, slots: SLOTS, log: QUIET });
      one.handle('digest', digest);
      one.handle('answer', digest);
      return one;
    });
    onTestFinished(async () => {
      over.abort();
      await Promise.all(agents.map((one) => one.stop({ graceMs: 0 })));
    });
    await Promise.all(agents.map((one) => one.start()));

    const low: string[] = [];
    for (let n = 0; n < SLOTS * addresses.length; n += 1) {
      const { taskId } = await client.submit({ kind: 'digest', tier: 'LOW' });
      await reaches(client, taskId, 'RUNNING');
      low.push(taskId);
    }
    // Each coordinator has somebody who waits, and both look for whom to send back.
    const people = await Promise.all(clients.map((one) => one.submit({ kind: 'answer', source: 'HUMAN' })));
    for (const { taskId } of people) await reaches(other, taskId, 'RUNNING');
    over.abort();
    for (const { taskId } of people) await client.wait(taskId);
    const begun = [];
    for (const taskId of low) begun.push(await client.wait(taskId));
    expect(begun).toEqual([0, 0, 1, 1]);
    const tasks = await Promise.all(low.map((taskId) => client.get(taskId)));
    expect(tasks.map(({ preemptions, attempt }) => [preemptions, attempt])).toEqual([
      [0, 1],
      [0, 1],
      [1, 1],
      [1, 1],
    ]);
  },
  TIMEOUT_MS,
);
