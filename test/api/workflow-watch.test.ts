import { setMaxListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createSharedLooks } from '../../src/api/feeds/shared-looks.js';
import { createWorkflowWatchers, type WorkflowStep } from '../../src/api/feeds/workflow-watch.js';
import type { Workflow, WorkflowEvent, WorkflowNode } from '../../src/domain/workflows/workflow.js';
import { FakeClock } from '../support/fake-clock.js';

const KEY = { org: 'o', workflowId: 'w' };

const NODE: WorkflowNode = {
  node: 0,
  state: 'RUNNING',
  reason: '',
  run: 1,
  total: 3,
  submitted: 3,
  succeeded: 0,
  failed: 0,
  startTime: 0,
  finishTime: null,
};

/** A record of one workflow that the test changes, on a clock that it moves. */
function setup() {
  const clock = new FakeClock();
  let workflow: Workflow | null = {
    ...{ ...KEY, name: '', labels: {}, submitterSubjectId: '', state: 'PROCESSING', end: null, reason: '' },
    ...{ version: 1, seq: 1, run: 1, contextVersion: 0, createTime: 0, finishTime: null, deadline: null },
  };
  let node = NODE;
  let looked = 0;
  let error: Error | null = null;
  const record = {
    async open() {
      looked += 1;
      if (error) throw error;
      return workflow && { workflow, nodes: [node] };
    },
    async listEvents(_key: object, after: number, limit: number) {
      const seqs = Array.from({ length: workflow?.seq ?? 0 }, (_, i) => i + 1).filter((seq) => seq > after);
      return seqs.slice(0, limit).map((seq) => ({ seq }) as WorkflowEvent);
    },
  };
  const looks = createSharedLooks({ record, clock });
  const watchers = createWorkflowWatchers({ record, looks, clock });
  return {
    clock,
    looks,
    watchers,
    looked: () => looked,
    fail(with_: Error | null) {
      error = with_;
    },
    change(more: Partial<Workflow>) {
      workflow = workflow && { ...workflow, version: workflow.version + 1, ...more };
    },
    count(succeeded: number) {
      node = { ...node, succeeded };
    },
    remove() {
      workflow = null;
    },
  };
}

/** Reads a watch in the background. */
function follow(watch: AsyncGenerator<WorkflowStep>) {
  const steps: string[] = [];
  let over: unknown = 'open';
  void (async () => {
    try {
      for await (const step of watch) {
        if (typeof step === 'string') steps.push(step);
        else steps.push(`${step.snapshot.workflow.state} [${step.events.map(({ seq }) => seq)}]`);
      }
      over = 'ended';
    } catch (error) {
      over = error;
    }
  })();
  return { steps, over: () => over };
}

/** Lets everything happen that is due within `ms`. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let i = 0; i < ms; i += 10) {
    clock.advance(10);
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  }
}

const signal = new AbortController().signal;

describe('a watch of a workflow', () => {
  test('tells it as it is, each change with its events, and ends with it', async () => {
    const { clock, watchers, looks, change, count } = setup();
    const { steps, over } = follow(watchers.watch(KEY, null, signal));
    await pass(clock, 10);
    expect(steps).toEqual(['PROCESSING []']);
    change({ seq: 3 });
    looks.told(KEY);
    await pass(clock, 250);
    expect(steps).toEqual(['PROCESSING []', 'PROCESSING [2,3]']);
    count(2);
    await pass(clock, 500);
    expect(steps.slice(2)).toEqual(['PROCESSING []']);
    change({ state: 'SUCCEEDED', seq: 5 });
    await pass(clock, 500);
    expect(steps.slice(3)).toEqual(['SUCCEEDED [4,5]']);
    expect(over()).toBe('ended');
  });

  test('tells at most five times a second, however much happens', async () => {
    const { clock, watchers, looks, change } = setup();
    const { steps } = follow(watchers.watch(KEY, null, signal));
    await pass(clock, 10);
    for (let i = 0; i < 100; i++) {
      change({ seq: 2 + i });
      looks.told(KEY);
      await pass(clock, 10);
    }
    expect(steps.length).toBeGreaterThanOrEqual(4);
    expect(steps.length).toBeLessThanOrEqual(6);
  });

  test('begins with the events after a number, page by page', async () => {
    const { clock, watchers, change } = setup();
    change({ seq: 1_500, state: 'FAILED' });
    const { steps, over } = follow(watchers.watch(KEY, 2, signal));
    await pass(clock, 50);
    expect(steps.length).toBe(2);
    expect(steps.join().match(/\d+/g)?.map(Number)).toEqual(Array.from({ length: 1_498 }, (_, i) => i + 3));
    expect(over()).toBe('ended');
  });

  test('is one look at the record for all who follow the same, and none when nobody does', async () => {
    const { clock, watchers, looked } = setup();
    const gone = new AbortController();
    setMaxListeners(0, gone.signal);
    const all = Array.from({ length: 20 }, () => follow(watchers.watch(KEY, null, gone.signal)));
    await pass(clock, 10);
    const before = looked();
    await pass(clock, 4_000);
    expect(looked() - before).toBe(10);
    gone.abort();
    await pass(clock, 10);
    expect(all.map(({ over }) => over())).toEqual(all.map(() => 'ended'));
    await pass(clock, 4_000);
    expect(looked() - before).toBe(10);
  });

  test('says now and then that it is still there, that the record is away, and that there is none', async () => {
    const { clock, watchers, fail, remove } = setup();
    const first = follow(watchers.watch(KEY, null, signal));
    await pass(clock, 10_500);
    expect(first.steps).toEqual(['PROCESSING []', 'SIGN_OF_LIFE']);
    fail(new Error('away'));
    await pass(clock, 500);
    expect(first.over()).toMatchObject({ message: 'away' });
    fail(null);
    remove();
    const second = follow(watchers.watch(KEY, null, signal));
    await pass(clock, 10);
    expect(second.steps).toEqual(['GONE']);
  });

  test('who waits has it when it ends, or as it is when it gives up', async () => {
    const { clock, watchers, change } = setup();
    const impatient = new AbortController();
    const given = watchers.untilOver(KEY, impatient.signal);
    const waited = watchers.untilOver(KEY, signal);
    await pass(clock, 100);
    impatient.abort();
    expect((await given)?.workflow.state).toBe('PROCESSING');
    change({ state: 'PARTIAL' });
    await pass(clock, 500);
    expect((await waited)?.workflow.state).toBe('PARTIAL');
  });
});
