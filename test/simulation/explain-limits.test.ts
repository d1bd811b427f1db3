import { describe, expect, test } from 'vitest';
import type { Change } from '../../src/domain/explain/explanation.js';
import type { KeyLimit, OrgLimits } from '../../src/domain/limits/org-limits.js';
import { NO_REQUIREMENTS } from '../../src/domain/tasks/requirements.js';
import { ExplainWorld, ORG } from './explain-world.js';

const MINUTE = 60_000;
const atMost = (maxConcurrent: number): KeyLimit => ({ maxConcurrent, rate: null });

const keyed = (limits: readonly string[], fairness: string | null = null) => ({
  requirements: {
    ...NO_REQUIREMENTS,
    capabilities: ['work'],
    keys: { limits: [...limits].sort(), fairness, affinity: null },
  },
});

/** Two agents with two slots each, tasks that run, and one that waits. */
async function limited(limits: Partial<OrgLimits>, spec: object, running = 2) {
  const world = new ExplainWorld(1);
  await world.setLimits(limits);
  for (const id of ['a', 'b']) await world.connect(id, { slots: 2, spec: { capabilities: ['work'] } });
  for (let n = 0; n < running; n += 1) await world.submit(spec);
  await world.dispatch();
  const taskId = await world.submit(spec);
  await world.dispatch();
  return { world, taskId };
}

/** A limit as a change asks for it. @param less by so much */
async function apply(world: ExplainWorld, change: Change, less = 0): Promise<void> {
  if (change.kind === 'WAIT_UNTIL') {
    await world.advance(change.time - world.clock.now() - less);
  } else if (change.kind === 'SET_LIMIT') {
    const { parameter, key, to } = change;
    const value = parameter === 'reserved_slots' ? to + less : to - less;
    if (parameter === 'max_concurrent') await world.setLimits({ maxConcurrent: value });
    if (parameter === 'max_busy_agents') await world.setLimits({ maxBusyAgents: value });
    if (parameter === 'reserved_slots') await world.setLimits({ reservedSlots: value });
    if (parameter === 'limits') {
      await world.setLimits({ keys: { ...world.limits.current.keys, [key]: atMost(value) } });
    }
  }
  await world.dispatch();
}

describe('what an explanation says of a limit', () => {
  const rate: KeyLimit = { maxConcurrent: null, rate: { count: 2, periodMs: 10 * MINUTE } };
  test.each<[string, Partial<OrgLimits>, object, string]>([
    ['max_concurrent', { maxConcurrent: 2 }, keyed([]), 'max_concurrent is reached: 2 of 2 with agents'],
    ['reserved_slots', { reservedSlots: 2 }, keyed([]), 'other tasks have 2 of 2 that are left'],
    ['a key', { keys: { api: atMost(2) } }, keyed(['api']), 'The limit api is full: 2 of 2 with agents'],
    ['a rate', { keys: { api: rate } }, keyed(['api']), 'The limit api has had its 2 starts in 10m'],
  ])('%s: what it names keeps the task, and what would change that does', async (_, limits, spec, text) => {
    const { world, taskId } = await limited(limits, spec);
    const { text: whole, blockers, place } = await world.explain(taskId);
    expect(whole).toContain(text);
    expect(place).toMatchObject({ start: null });
    expect(blockers).toHaveLength(1);
    const [blocker] = blockers;
    if (!blocker) return;
    expect(await world.index.whyWaiting({ org: ORG, taskId })).toMatchObject({ why: 'LIMIT' });
    await apply(world, blocker.change, 1);
    expect((await world.task(taskId)).state).toBe('QUEUED');
    await apply(world, blocker.change);
    expect((await world.task(taskId)).state).toBe('ASSIGNED');
  });

  test('max_busy_agents: nobody who is busy takes it, and one more agent may be', async () => {
    const { world, taskId } = await limited({ maxBusyAgents: 1 }, keyed([]));
    const { text, blockers } = await world.explain(taskId);
    expect(text).toContain('max_busy_agents is reached: 1 of 1 busy');
    expect(blockers.map(({ change }) => change)).toEqual([
      { kind: 'SET_LIMIT', parameter: 'max_busy_agents', key: '', to: 2 },
    ]);
    if (blockers[0]) await apply(world, blockers[0].change);
    expect((await world.task(taskId)).state).toBe('ASSIGNED');
  });

  test('two full limits are two blockers, and both are needed', async () => {
    const spec = keyed(['api', 'db']);
    const { world, taskId } = await limited({ keys: { api: atMost(2), db: atMost(2) } }, spec);
    const { blockers } = await world.explain(taskId);
    expect(blockers).toHaveLength(2);
    const [first, second] = blockers;
    if (first) await apply(world, first.change);
    expect((await world.task(taskId)).state).toBe('QUEUED');
    if (second) await apply(world, second.change);
    expect((await world.task(taskId)).state).toBe('ASSIGNED');
  });

  test('one that ends makes room as well', async () => {
    const { world, taskId } = await limited({ keys: { api: atMost(2) } }, keyed(['api']));
    await world.settle(world.claimed[0]?.taskId ?? '', 'SUCCEEDED');
    await world.dispatch();
    expect((await world.task(taskId)).state).toBe('ASSIGNED');
  });

  test('while it is not known what runs it says so', async () => {
    const world = new ExplainWorld(1);
    await world.connect('a', { slots: 2, spec: { capabilities: ['work'] } });
    world.limits.change(ORG, { maxConcurrent: 5 });
    const taskId = await world.submit(keyed([]));
    await world.dispatch();
    expect((await world.explain(taskId)).text).toContain('What runs is being found out');
    await world.setLimits({});
    await world.dispatch();
    expect((await world.task(taskId)).state).toBe('ASSIGNED');
  });

  test('it says whose turn it is where keys take turns', async () => {
    const world = new ExplainWorld(1);
    await world.connect('a', { slots: 4, granted: 1, spec: { capabilities: ['work'] } });
    for (let n = 0; n < 2; n += 1) await world.submit(keyed([], 'mine'));
    const theirs = await world.submit(keyed([], 'theirs'));
    await world.dispatch();
    await world.grant('a', 1);
    const [, waiting = ''] = world.tasks;
    const { text } = await world.explain(waiting);
    expect(text).toContain(
      'fairness key mine was served 1m of slots here, and one that waits was served less',
    );
    await world.dispatch();
    expect((await world.task(theirs)).state).toBe('ASSIGNED');
    expect((await world.task(waiting)).state).toBe('QUEUED');
  });
});
