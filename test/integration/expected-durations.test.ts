import { createClient } from '@reeve/sdk';
import { expect, onTestFinished, test } from 'vitest';
import { openEmbedded } from '../support/embedded.js';
import { openOrg } from '../support/org-steering.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { expectedOf, teach, timedAgent, untilKnown } from '../support/timed-tasks.js';
import { unaryAgent } from '../support/unary-agent.js';

const TIMEOUT_MS = 120_000;

/** An organisation whose kinds are known. */
async function setup(factor: number) {
  const coordinator = await openEmbedded();
  onTestFinished(() => coordinator.stop());
  const org = openOrg(coordinator);
  await org.set('duration_factor_normal', factor);
  const at = { address: coordinator.address, org: org.org };
  const teacher = await timedAgent(at, 'teacher', 10);
  await teach(org.client);
  await teacher.stop();
  const expected = await untilKnown(org.client);
  return { coordinator, at, expected, ...org };
}

test(
  'a backlog of what was learned to be long and to be short is drained short ones first, and is told so',
  async () => {
    const { at, client, expected } = await setup(100);
    expect(expected.long).toBeGreaterThan(expected.short + 300);
    const names = ['long', 'short', 'long', 'short', 'long', 'short'];
    const ids: string[] = [];
    for (const kind of names) ids.push((await client.submit({ kind })).taskId);

    const { place } = await client.explain(ids[0] ?? '');
    const term = Math.round(100 * expected.long);
    expect(place?.durationTermMs).toBeGreaterThan(term - 200);
    expect(place?.durationTermMs).toBeLessThan(term + 200);
    expect(place).toMatchObject({
      headStartMs: 6 * 3_600_000 - (place?.durationTermMs ?? 0),
      overtakenAtMostMs: 42 * 3_600_000 + (place?.durationTermMs ?? 0),
    });
    expect((await client.queue.peek()).map(({ task }) => task.kind)).toEqual([
      ...['short', 'short', 'short', 'long', 'long', 'long'],
    ]);
    const { lanes, tiers } = await client.queue.stats({ kind: 'long' });
    expect(lanes).toMatchObject([{ kind: 'long', waiting: 3 }]);
    expect(lanes[0]?.expectedDurationMs).toBeCloseTo(expected.long, -1);
    // Not since a minute from now: the age of what stands back is that of the others.
    expect(tiers.find(({ tier }) => tier === 'NORMAL')?.oldestWaitMs).toBeGreaterThan(0);

    // Below what LOW is worth: its score is later than the time at which it was runnable.
    const low = await client.submit({ kind: 'long', tier: 'LOW' });
    const { place: last } = await client.explain(low.taskId);
    expect(last?.headStartMs).toBe(-(last?.durationTermMs ?? 0));
    expect(last?.durationTermMs).toBeGreaterThan(300 * 8);
    await client.cancel(low.taskId);

    const worker = await timedAgent(at, 'worker', 1);
    onTestFinished(() => worker.stop());
    await Promise.all(ids.map((id) => client.wait(id)));
    expect(worker.began.map((id) => names[ids.indexOf(id)])).toEqual([
      ...['short', 'short', 'short', 'long', 'long', 'long'],
    ]);
    expect(worker.began).toEqual([...[1, 3, 5], ...[0, 2, 4]].map((i) => ids[i]));
  },
  TIMEOUT_MS,
);

test(
  'a long task is overtaken by short ones that come without end for as long as it stands back, and no longer',
  async () => {
    const { at, client } = await setup(5);
    const long = await client.submit({ kind: 'long' });
    const term = (await client.explain(long.taskId)).place?.durationTermMs ?? 0;
    const createdOf = new Map<string, number>();
    let isOver = false;
    const created = async (taskId: string) => (await client.get(taskId)).createTime.getTime();
    /** Always some that wait. */
    const flood = async () => {
      while (!isOver) {
        const { taskId } = await client.submit({ kind: 'short' });
        createdOf.set(taskId, await created(taskId));
        if (createdOf.size > 3) await client.wait(taskId);
      }
    };
    const floods = [flood(), flood(), flood()];
    const worker = await timedAgent(at, 'worker', 1);
    onTestFinished(() => worker.stop());
    await long.wait();
    isOver = true;
    await Promise.all(floods);
    const before = worker.began.slice(0, worker.began.indexOf(long.taskId));
    const lead = (await created(long.taskId)) + term;
    expect(before.length).toBeGreaterThan(3);
    for (const id of before) expect(createdOf.get(id)).toBeLessThanOrEqual(lead);
  },
  TIMEOUT_MS,
);

test(
  'what was learned right before a stop is known after it, before anything is admitted',
  async () => {
    const data = temporaryFolder('expected-durations');
    const first = await openEmbedded({ data });
    const org = openOrg(first);
    const teacher = await timedAgent({ address: first.address, org: org.org }, 'teacher', 10);
    await teach(org.client);
    await teacher.stop();
    await first.stop();

    const second = await openEmbedded({ data });
    onTestFinished(() => second.stop());
    const client = createClient({ address: second.address, org: org.org });
    onTestFinished(() => client.close());
    const [short = 0, long = 0] = [await expectedOf(client, 'short'), await expectedOf(client, 'long')];
    expect(short).toBeGreaterThan(0);
    expect(long).toBeGreaterThan(short + 300);
    // A kind of which nothing is known: the median of the two.
    expect(await expectedOf(client, 'else')).toBeCloseTo((short + long) / 2, -1);
  },
  TIMEOUT_MS,
);

test(
  'what agents without a stream do is learned as well',
  async () => {
    const coordinator = await openEmbedded();
    onTestFinished(() => coordinator.stop());
    const client = createClient({ address: coordinator.address });
    onTestFinished(() => client.close());
    const caller = unaryAgent(coordinator.address, 'caller');
    onTestFinished(() => caller.client.client.close());
    await caller.register(['short']);
    for (let i = 0; i < 5; i++) {
      const asked = caller.lease();
      await client.submit({ kind: 'short' });
      const [task] = await asked;
      expect(await caller.report(task?.claim)).toEqual(['RECORDED']);
    }
    await expect.poll(() => expectedOf(client, 'short'), { timeout: 20_000 }).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);
