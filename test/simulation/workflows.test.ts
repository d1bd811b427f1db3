import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.js';
import type { WorkflowSpec } from '../../src/domain/workflows/spec.js';
import { STEP_LIMITS } from '../../src/domain/workflows/steps.js';
import type { Failpoint } from '../../src/ports/failpoints.js';
import { FAILPOINTS } from '../../src/ports/failpoints.js';
import type { WorkflowRecord } from '../../src/ports/workflow-record.js';
import type { Chance } from './chance.js';
import { brokenPromises } from './workflow-invariants.js';
import { chooseWorkflow, joinWorkflow, lateWorkflow, wideWorkflow } from './workflow-jobs.js';
import type { WorkflowOutcome } from './workflow-options.js';
import { simulateWorkflows } from './workflow-world.js';

const specs = (count: number) => (chance: Chance) =>
  Array.from({ length: chance.between(1, count) }, (_, i) => chooseWorkflow(chance, `workflow-${i + 1}`));

async function run(
  seed: number,
  over: Partial<Parameters<typeof simulateWorkflows>[0]> = {},
): Promise<WorkflowOutcome> {
  const outcome = await simulateWorkflows({
    ...{ seed, coordinators: 1 + (seed % 3), specs: specs(4), deadly: 0.02, steers: true },
    ...over,
  });
  expect({ seed, broken: brokenPromises(outcome) }).toEqual({ seed, broken: [] });
  return outcome;
}

describe('workflows of any shape', () => {
  test('come to what they have to, through crashes, losses, cancels and retries', async () => {
    const ends = new Map<string, number>();
    const events = new Map<string, number>();
    for (let seed = 1; seed <= 60; seed++) {
      const { asked, rowOf } = await run(seed);
      for (const one of asked) {
        const row = rowOf(one);
        ends.set(row.workflow.state, (ends.get(row.workflow.state) ?? 0) + 1);
        for (const { type } of row.events) events.set(type, (events.get(type) ?? 0) + 1);
      }
    }
    expect([...ends.keys()].sort()).toEqual(['CANCELLED', 'FAILED', 'PARTIAL', 'SUCCEEDED']);
    expect([...events.keys()].sort()).toEqual([
      ...['CANCEL_REQUESTED', 'CONTEXT_CHANGED', 'ESCALATED', 'FINISHED', 'NODE_EXPANDED', 'NODE_FINISHED'],
      ...['NODE_READY', 'PARTIAL_RESULTS', 'PHASE_CHANGED', 'RETRIED', 'STARTED'],
    ]);
  }, 300_000);

  test('the same seed is the same history', async () => {
    const [a, b] = [await run(5), await run(5)];
    expect(b.trace.lines()).toEqual(a.trace.lines());
  });
});

const POINTS = FAILPOINTS.filter((point) => point.startsWith('workflow.'));

describe('a coordinator that dies', () => {
  test.each(POINTS)(
    'at %s leaves nothing undone and has nothing done twice',
    async (point: Failpoint) => {
      let deaths = 0;
      for (let seed = 1; seed <= 24; seed++) {
        const outcome = await run(seed, { failpoints: [point], deadly: 0.25, coordinators: 1 + (seed % 2) });
        deaths += outcome.deaths.get(point) ?? 0;
      }
      expect(deaths).toBeGreaterThan(0);
    },
    120_000,
  );
});

test('items are those of the beginning, whatever becomes of the context between their chunks', async () => {
  let deaths = 0;
  for (let seed = 1; seed <= 3; seed++) {
    const outcome = await run(seed, {
      coordinators: 2,
      specs: () => [wideWorkflow('workflow-1', 60)],
      deadly: 0.3,
      failpoints: ['workflow.between-chunks', 'workflow.before-gather'],
      steers: false,
      patches: [{ path: 'list', value: [{ n: -1, bad: true, yes: false }], expected: null }],
    });
    deaths += [...outcome.deaths.values()].reduce((sum, count) => sum + count, 0);
    expect(outcome.trace.lines().some((line) => line.includes('patches workflow-1'))).toBe(true);
  }
  expect(deaths).toBeGreaterThan(0);
}, 120_000);

test('large inputs are made a few at a time, and each once', async () => {
  const [text, items] = ['x'.repeat(60_000), 300];
  const batches: number[][] = [];
  const outcome = await run(1, {
    coordinators: 1,
    specs: () => [withInput(wideWorkflow('workflow-1', items), { text: '{{ params.text }}' }, { text })],
    deadly: 0,
    steers: false,
    limits: STEP_LIMITS,
    wrapTasks: (record) => ({
      ...record,
      submitTasks(tasks) {
        batches.push(tasks.map(({ spec }) => spec.body.length));
        return record.submitTasks(tasks);
      },
    }),
  });
  const sizes = batches.map((bodies) => bodies.reduce((sum, bytes) => sum + bytes, 0));
  expect(Math.max(...sizes)).toBeGreaterThan(1024 * 1024);
  expect(Math.max(...sizes)).toBeLessThan(3 * 1024 * 1024);
  expect(batches.flat().filter((bytes) => bytes > text.length)).toHaveLength(items);
  for (const one of outcome.asked) expect(outcome.rowOf(one).workflow.state).toBe('SUCCEEDED');
}, 120_000);

/** With more in the input of the first task. */
function withInput(spec: WorkflowSpec, more: JsonObject, params: JsonObject): WorkflowSpec {
  const [first, ...groups] = spec.groups;
  const [task, ...tasks] = first?.tasks ?? [];
  if (!first || !task) throw new Error('there is no task');
  const input = { ...(task.input as JsonObject), ...more };
  return {
    ...spec,
    params: { ...spec.params, ...params },
    groups: [{ ...first, tasks: [{ ...task, input }, ...tasks] }, ...groups],
  };
}

test('two coordinators that see the last tasks of a node end go on once', async () => {
  for (let seed = 1; seed <= 15; seed++) {
    const outcome = await run(seed, {
      coordinators: 2,
      specs: () => Array.from({ length: 6 }, (_, i) => joinWorkflow(`workflow-${i + 1}`, 2)),
      deadly: 0,
      steers: false,
    });
    for (const one of outcome.asked) {
      const { events, workflow } = outcome.rowOf(one);
      expect(workflow.state).toBe('SUCCEEDED');
      const joins = events.filter(({ type, node }) => type === 'NODE_READY' && node === 3);
      expect(joins).toHaveLength(1);
    }
  }
}, 120_000);

test('nothing of a group is cancelled before it is settled that it took too long: clocks differ', async () => {
  const states: (string | undefined)[] = [];
  // Of its only task, as its group gets the reason.
  const watched = (record: WorkflowRecord): WorkflowRecord => ({
    ...record,
    async commit(commit) {
      const isSettled = commit.nodes.some(
        ({ node, reason, state }) => node === 0 && reason?.startsWith('TIMED_OUT') && state === undefined,
      );
      const [item] = isSettled
        ? await record.listItems(commit, 1, { afterItem: 0, limit: 1, withPayloads: false, maxBytes: 1 })
        : [];
      if (isSettled) states.push(item?.state);
      return record.commit(commit);
    },
  });
  for (let seed = 1; seed <= 5; seed++) {
    await run(seed, {
      ...{ coordinators: 2, specs: () => [lateWorkflow('workflow-1')], steers: false, planted: watched },
    });
  }
  expect(states.length).toBeGreaterThanOrEqual(5);
  expect(new Set(states)).toEqual(new Set(['QUEUED']));
}, 60_000);

/** What was decided counts whatever has become of the workflow since. */
const noVersions = (record: WorkflowRecord): WorkflowRecord => ({
  ...record,
  async commit(commit) {
    const { version } = (await record.get(commit)) ?? commit;
    return record.commit({ ...commit, version });
  },
});

test('a record that lets two decide the same is caught', async () => {
  const broken: string[] = [];
  for (let seed = 1; seed <= 5; seed++) {
    const outcome = await simulateWorkflows({
      ...{ seed, coordinators: 2, deadly: 0, steers: false, planted: noVersions },
      specs: () => Array.from({ length: 6 }, (_, i) => joinWorkflow(`workflow-${i + 1}`, 2)),
    });
    broken.push(...brokenPromises(outcome));
  }
  expect(broken.join()).toMatch(/was written 2 times/);
}, 60_000);
