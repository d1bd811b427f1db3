import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { agent, type Client, createClient, type HandlerContext } from '@reeve/sdk';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { EmbeddedCoordinator } from '../../src/embedded.js';
import { openEmbedded } from '../support/embedded.js';

const TIMEOUT_MS = 60_000;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

let coordinator: EmbeddedCoordinator;
beforeAll(async () => {
  coordinator = await openEmbedded();
});
afterAll(() => coordinator.stop());

/** An organisation with one agent, and a kind of work that may be sent back. */
async function setup(slots: number) {
  const { address } = coordinator;
  const org = `org-${randomUUID()}`;
  const client = createClient({ address, org });
  const worker = agent({ agentId: 'worker', address, org, slots, log: silent });
  const over = new AbortController();
  /** Goes on until the test is over; one that is sent back before leaves how often it began. */
  const goOn = async (_: unknown, ctx: HandlerContext) => {
    const { begun = 0 } = (ctx.checkpoint ?? {}) as { begun?: number };
    const either = AbortSignal.any([ctx.signal, over.signal]);
    if (!either.aborted) {
      await new Promise((resolve) => either.addEventListener('abort', resolve, { once: true }));
    }
    if (!ctx.signal.aborted) return begun;
    ctx.progress(0.5, 'stopping', { checkpoint: { begun: begun + 1 } });
    throw ctx.signal.reason;
  };
  worker.handle('digest', goOn);
  worker.handle('crawl', goOn);
  worker.handle('steps', steps);
  worker.handle('stubborn', async () => {
    if (!over.signal.aborted) {
      await new Promise((resolve) => over.signal.addEventListener('abort', resolve, { once: true }));
    }
    return 'done';
  });
  worker.handle('answer', () => 'answered');
  onTestFinished(async () => {
    over.abort();
    await worker.stop({ graceMs: 0 });
    client.close();
  });
  await worker.start();
  for (const kind of ['digest', 'steps', 'stubborn']) await client.jobKinds.put({ kind, preemptible: true });
  return {
    client,
    end: () => over.abort(),
    async runs(kind: string, tier: 'LOW' | 'NORMAL' = 'LOW'): Promise<string> {
      const { taskId } = await client.submit({ kind, tier });
      await reaches(client, taskId, 'RUNNING');
      return taskId;
    },
    ask: () => client.submit({ kind: 'answer', source: 'HUMAN' }),
  };
}

const STEPS = 20;

/** Leaves after each step how far it is. */
async function steps(_: unknown, ctx: HandlerContext): Promise<void> {
  const { next = 0 } = (ctx.checkpoint ?? {}) as { next?: number };
  for (let step = next; step < STEPS; step += 1) {
    if (ctx.signal.aborted) throw ctx.signal.reason;
    await pause(10);
    ctx.progress((step + 1) / STEPS, 'on its way', { checkpoint: { next: step + 1 } });
  }
}

async function reaches(client: Client, taskId: string, state: string): Promise<void> {
  for await (const task of client.watch(taskId)) if (task.state === state) return;
  throw new Error(`${taskId} never was ${state}`);
}

test(
  'where all slots have LOW work a person gets that of the youngest, which goes on later from where it was',
  async () => {
    const { client, runs, ask, end } = await setup(3);
    const low = [await runs('digest'), await runs('digest'), await runs('digest')];
    const person = await ask();
    expect(await person.wait()).toBe('answered');

    const [oldest = '', older = '', youngest = ''] = low;
    await reaches(client, youngest, 'RUNNING');
    end();
    expect(await client.wait(youngest)).toBe(1);
    expect([await client.wait(oldest), await client.wait(older)]).toEqual([0, 0]);
    expect(await client.get(youngest)).toMatchObject({ preemptions: 1, attempt: 1, epoch: 2 });
    const detail = [];
    for await (const event of client.events(youngest)) {
      if (event.type === 'PREEMPTION_BEGUN') detail.push(event.detail);
    }
    expect(detail).toEqual([{ preempted_for: person.taskId }]);
  },
  TIMEOUT_MS,
);

test(
  'other tiers and other kinds are left alone, though they are younger',
  async () => {
    const { client, runs, ask, end } = await setup(3);
    const low = await runs('digest');
    const others = [await runs('crawl'), await runs('digest', 'NORMAL')];
    expect(await (await ask()).wait()).toBe('answered');
    end();
    expect(await client.wait(low)).toBe(1);
    for (const taskId of others) expect(await client.wait(taskId)).toBe(0);
  },
  TIMEOUT_MS,
);

test(
  'an organisation that has set it so sends nothing back, while another does',
  async () => {
    const without = await setup(1);
    await without.client.config.set('preemption', false);
    const low = await without.runs('digest');
    const person = await without.ask();
    const other = await setup(1);
    // That is by a look at all organisations.
    await other.runs('digest');
    expect(await (await other.ask()).wait()).toBe('answered');
    expect((await without.client.get(person.taskId)).state).toBe('QUEUED');
    without.end();
    expect(await without.client.wait(low)).toBe(0);
    expect(await person.wait()).toBe('answered');
  },
  TIMEOUT_MS,
);

test(
  'who waits is told what is sent back for it, and what is sent back for whom',
  async () => {
    const { client, runs, ask, end } = await setup(1);
    await client.config.set('preemption_grace', '10m');
    const stubborn = await runs('stubborn');
    const person = await ask();
    await reaches(client, stubborn, 'PREEMPTING');
    expect((await client.explain(person.taskId)).text).toContain(`Task ${stubborn} is sent back for it.`);
    expect((await client.explain(stubborn)).text).toContain(`It is sent back for task ${person.taskId}`);
    end();
    expect(await client.wait(stubborn)).toBe('done');
    expect(await person.wait()).toBe('answered');
  },
  TIMEOUT_MS,
);

test(
  'LOW work is done in the end, however many people come',
  async () => {
    const { client, runs, ask } = await setup(2);
    await client.config.set('rest_share', 0.2);
    const low = [await runs('steps'), await runs('steps')];
    for (let n = 0; n < 4; n += 1) low.push((await client.submit({ kind: 'steps', tier: 'LOW' })).taskId);
    let isOver = false;
    let answered = 0;
    const people = Array.from({ length: 4 }, async () => {
      while (!isOver) {
        await (await ask()).wait();
        answered += 1;
      }
    });
    for (const taskId of low) await client.wait(taskId);
    isOver = true;
    await Promise.all(people);
    const tasks = await Promise.all(low.map((taskId) => client.get(taskId)));
    expect(tasks.reduce((sum, { preemptions }) => sum + preemptions, 0)).toBeGreaterThan(0);
    expect(Math.max(...tasks.map(({ attempt }) => attempt))).toBe(1);
    expect(answered).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);
