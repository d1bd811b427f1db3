import { describe, expect, it } from 'vitest';
import { closed } from '../../../src/domain/workflows/completing.js';
import { decide } from '../../../src/domain/workflows/decide.js';
import type { OnFailure } from '../../../src/domain/workflows/spec.js';
import type { StepLimits } from '../../../src/domain/workflows/steps.js';
import { LOOK_AGAIN_MS, wakeTimeOf } from '../../../src/domain/workflows/wake-time.js';
import type { Workflow, WorkflowNode } from '../../../src/domain/workflows/workflow.js';
import { group, NOTHING_SAID, planOf, standing, task } from './specs.js';

type Groups = Parameters<typeof planOf>[0];
type Nodes = Readonly<Record<string, Partial<WorkflowNode>>>;
interface Said extends Partial<Workflow> {
  readonly now?: number;
  readonly limits?: StepLimits;
}

/** What is decided, each step with the address of its node. */
function next(groups: Groups, nodes: Nodes, { now = 1_000, limits, ...said }: Said = {}): readonly unknown[] {
  const plan = planOf(groups);
  return decide(plan, standing(plan, nodes, said), now, limits).map((step) =>
    'node' in step && step.node !== null ? { ...step, node: plan.nodes[step.node]?.address } : step,
  );
}
const running = { state: 'RUNNING', startTime: 500 } as const;
const succeeded = { state: 'SUCCEEDED' } as const;
const one = { state: 'RUNNING', total: 1, submitted: 1 } as const;
const on = (onFailure: OnFailure) => ({ settings: { ...NOTHING_SAID, onFailure } });

describe('phases', () => {
  const groups = [group('a', ['x'])];

  it('follow each other', () => {
    expect(next(groups, {}, { state: 'INITIALIZING' })).toEqual([{ kind: 'ENTER', state: 'RESOLVING' }]);
    expect(next(groups, {}, { state: 'RESOLVING' })).toEqual([{ kind: 'ENTER', state: 'PROCESSING' }]);
    expect(next(groups, {})).toEqual([{ kind: 'BEGIN_GROUP', node: 'a' }]);
  });

  it('end with COMPLETING, and then with what was settled', () => {
    const nodes = { a: succeeded, 'a.x': succeeded };
    expect(next(groups, nodes)).toEqual([{ kind: 'COMPLETE', end: 'SUCCEEDED', reason: '', node: null }]);
    expect(next(groups, nodes, { state: 'COMPLETING', end: 'SUCCEEDED' })).toEqual([
      { kind: 'FINISH', end: 'SUCCEEDED' },
    ]);
    expect(next(groups, nodes, { state: 'SUCCEEDED', end: 'SUCCEEDED' })).toEqual([]);
  });

  it('come to an end without any groups', () => {
    expect(next([], {})).toEqual([{ kind: 'COMPLETE', end: 'SUCCEEDED', reason: '', node: null }]);
  });
});

describe('a node begins', () => {
  const groups = [
    group('a', ['x', task('y', { dependsOn: ['x'] })]),
    group('b', ['z'], { dependsOn: ['a'] }),
    group('c', ['w']),
  ];

  it('when its group has and what it waits for is over', () => {
    expect(next(groups, { a: running, c: running })).toEqual([
      { kind: 'BEGIN_TASK', node: 'a.x' },
      { kind: 'BEGIN_TASK', node: 'c.w' },
    ]);
    expect(next(groups, { a: running, 'a.x': succeeded, c: running, 'c.w': one })).toEqual([
      { kind: 'BEGIN_TASK', node: 'a.y' },
    ]);
  });

  it('beside others that can begin', () => {
    expect(next(groups, {})).toEqual([
      { kind: 'BEGIN_GROUP', node: 'a' },
      { kind: 'BEGIN_GROUP', node: 'c' },
    ]);
  });

  it.each(['SKIPPED', 'PARTIAL', 'FAILED'] as const)('after one that was %s, where it may go on', (state) => {
    const lax = [group('a', [task('x', on('CONTINUE')), task('y', { dependsOn: ['x'] })])];
    expect(next(lax, { a: running, 'a.x': { state } })).toEqual([{ kind: 'BEGIN_TASK', node: 'a.y' }]);
  });

  it('not after one that waits for a person', () => {
    const asking = [group('a', [task('x', on('ESCALATE')), task('y', { dependsOn: ['x'] })])];
    expect(next(asking, { a: running, 'a.x': { ...one, state: 'ESCALATED', failed: 1 } })).toEqual([]);
  });

  it('not while what its group waits for runs again', () => {
    const again = { a: running, 'a.x': succeeded, 'a.y': one, b: running, c: succeeded, 'c.w': succeeded };
    expect(next(groups, again)).toEqual([]);
  });
});

describe('tasks are made', () => {
  const groups = [group('a', ['x', 'y'])];
  const expanding = (total: number, submitted: number, succeeded = 0): Partial<WorkflowNode> => ({
    state: 'EXPANDING',
    total,
    submitted,
    succeeded,
  });

  it('500 at a time, from where they were left', () => {
    expect(next(groups, { a: running, 'a.x': expanding(1_200, 500), 'a.y': expanding(1, 0) })).toEqual([
      { kind: 'SUBMIT', node: 'a.x', from: 500, to: 1_000 },
      { kind: 'SUBMIT', node: 'a.y', from: 0, to: 1 },
    ]);
  });

  it('no more than may be open, those of all nodes together', () => {
    const limits = { chunk: 10, maxOpen: 25 };
    const nodes = { a: running, 'a.x': expanding(100, 20, 8), 'a.y': expanding(100, 0) };
    expect(next(groups, nodes, { limits })).toEqual([
      { kind: 'SUBMIT', node: 'a.x', from: 20, to: 30 },
      { kind: 'SUBMIT', node: 'a.y', from: 0, to: 3 },
    ]);
    const full = { a: running, 'a.x': expanding(100, 20), 'a.y': expanding(100, 10, 1) };
    expect(next(groups, full, { limits: { chunk: 10, maxOpen: 29 } })).toEqual([]);
    expect(next(groups, { a: running, 'a.x': expanding(30_000, 20_000), 'a.y': one })).toEqual([]);
  });

  it('and gathered when all are made and have ended, not before', () => {
    const x = (said: Partial<WorkflowNode>) =>
      next(groups, { a: running, 'a.x': { ...one, total: 3, submitted: 3, ...said }, 'a.y': one });
    expect(x({ succeeded: 2 })).toEqual([]);
    expect(x({ succeeded: 3 })).toEqual([{ kind: 'GATHER', node: 'a.x' }]);
    expect(x({ state: 'EXPANDING', submitted: 2, succeeded: 2 })).toEqual([
      { kind: 'SUBMIT', node: 'a.x', from: 2, to: 3 },
    ]);
  });

  it('and gathered at once where there are none', () => {
    expect(next(groups, { a: running, 'a.x': expanding(0, 0), 'a.y': one })).toEqual([
      { kind: 'GATHER', node: 'a.x' },
    ]);
  });
});

describe('a failed item', () => {
  const three = { ...one, total: 3, submitted: 3, succeeded: 1, failed: 1 } as const;

  it('fails the workflow at once', () => {
    expect(next([group('a', ['x', 'y'])], { a: running, 'a.x': three })).toEqual([
      {
        kind: 'COMPLETE',
        end: 'FAILED',
        reason: 'TASK_FAILED: a.x: 1 of 3 tasks did not succeed',
        node: 'a.x',
      },
    ]);
  });

  it('does nothing until all have ended where the workflow goes on', () => {
    const groups = [group('a', [task('x', on('CONTINUE'))])];
    expect(next(groups, { a: running, 'a.x': three })).toEqual([]);
    expect(next(groups, { a: running, 'a.x': { ...three, failed: 2 } })).toEqual([
      { kind: 'GATHER', node: 'a.x' },
    ]);
  });

  it('is told to a person once, and the rest goes on when it is failed no more', () => {
    const groups = [group('a', [task('x', on('ESCALATE'))])];
    expect(next(groups, { a: running, 'a.x': three })).toEqual([{ kind: 'ESCALATE', node: 'a.x' }]);
    expect(next(groups, { a: running, 'a.x': { ...three, state: 'ESCALATED' } })).toEqual([]);
    expect(next(groups, { a: running, 'a.x': { ...three, state: 'ESCALATED', failed: 0 } })).toEqual([
      { kind: 'RESUME', node: 'a.x' },
    ]);
  });
});

describe('a result that is not what it should be', () => {
  const nodes = { a: running, 'a.x': { state: 'FAILED', reason: 'RESULT_INVALID: the sum is off' } } as const;

  it.each(['FAIL_WORKFLOW', 'ESCALATE'] as const)(
    'fails the workflow, with %s: there is no task to retry',
    (what) => {
      expect(next([group('a', [task('x', on(what)), 'y'])], nodes)).toEqual([
        { kind: 'COMPLETE', end: 'FAILED', reason: 'RESULT_INVALID: a.x: the sum is off', node: 'a.x' },
      ]);
    },
  );

  it('does not where it may go on', () => {
    expect(next([group('a', [task('x', on('CONTINUE'))])], nodes)).toEqual([
      { kind: 'END_GROUP', node: 'a', state: 'FAILED', reason: 'TASK_FAILED: a.x did not succeed' },
    ]);
  });
});

describe('a group ends', () => {
  const lax = { defaults: { ...NOTHING_SAID, onFailure: 'CONTINUE' as const } };
  const groups = [group('a', ['x', 'y', 'z'], lax)];

  it.each([
    [['SUCCEEDED', 'SUCCEEDED', 'SKIPPED'], 'SUCCEEDED'],
    [['SKIPPED', 'SKIPPED', 'SKIPPED'], 'SUCCEEDED'],
    [['SUCCEEDED', 'FAILED', 'SKIPPED'], 'PARTIAL'],
    [['PARTIAL', 'FAILED', 'SKIPPED'], 'PARTIAL'],
    [['FAILED', 'FAILED', 'SKIPPED'], 'FAILED'],
  ] as const)('with tasks %j as %s', ([x, y, z], state) => {
    const nodes = { a: running, 'a.x': { state: x }, 'a.y': { state: y }, 'a.z': { state: z } };
    expect(next(groups, nodes)).toMatchObject([{ kind: 'END_GROUP', node: 'a', state }]);
  });

  it('not before its tasks have', () => {
    expect(next(groups, { a: running, 'a.x': succeeded, 'a.y': succeeded, 'a.z': one })).toEqual([]);
  });

  it('and the workflow is PARTIAL, and says by what', () => {
    const nodes = {
      a: { state: 'PARTIAL' },
      'a.x': succeeded,
      'a.y': { state: 'FAILED' },
      'a.z': { state: 'PARTIAL' },
    } as const;
    expect(next(groups, nodes)).toEqual([
      { kind: 'COMPLETE', end: 'PARTIAL', reason: 'TASK_FAILED: a.y, a.z did not succeed', node: null },
    ]);
  });

  it('whose condition could not be evaluated fails the workflow, unless all of it may fail', () => {
    const wrong = 'CONDITION_FAILED: no such key: n';
    const nodes = {
      a: { state: 'FAILED', reason: wrong },
      'a.x': { state: 'CANCELLED', reason: wrong },
      'a.y': { state: 'CANCELLED', reason: wrong },
      'a.z': { state: 'CANCELLED', reason: wrong },
    } as const;
    expect(next([group('a', ['x', 'y', 'z'])], nodes)).toEqual([
      { kind: 'COMPLETE', end: 'FAILED', reason: 'CONDITION_FAILED: a: no such key: n', node: 'a' },
    ]);
    expect(next(groups, nodes)).toMatchObject([{ kind: 'COMPLETE', end: 'PARTIAL' }]);
  });
});

describe('time', () => {
  const strict = [group('a', ['x', 'y'], { timeoutMs: 400 })];
  const lax = [group('a', [task('x', on('CONTINUE')), task('y', on('CONTINUE'))], { timeoutMs: 400 })];
  const reason = 'TIMED_OUT: group a took longer than 400 ms';

  it('of a group runs out: the workflow fails, where it cannot do without', () => {
    const nodes = { a: running, 'a.x': succeeded, 'a.y': one };
    expect(next(strict, nodes, { now: 899 })).toEqual([]);
    expect(next(strict, nodes, { now: 900 })).toEqual([
      { kind: 'COMPLETE', end: 'FAILED', reason, node: 'a' },
    ]);
  });

  it('of a group runs out: a person is not waited for any longer', () => {
    const groups = [group('a', [task('x', on('ESCALATE'))], { timeoutMs: 400 })];
    const nodes = { a: running, 'a.x': { ...one, state: 'ESCALATED', failed: 1 } } as const;
    expect(next(groups, nodes, { now: 900 })).toEqual([
      { kind: 'COMPLETE', end: 'FAILED', reason, node: 'a' },
    ]);
  });

  it('of a group runs out: what is open is cancelled, then what there is gathered, then the group FAILED', () => {
    const x = { state: 'EXPANDING', total: 9, submitted: 4, succeeded: 1 } as const;
    const timeOut = { kind: 'TIME_OUT_GROUP', node: 'a', reason };
    expect(next(lax, { a: running, 'a.x': x })).toEqual([timeOut]);
    const marked = { a: { ...running, reason }, 'a.y': { state: 'CANCELLED', reason } } as const;
    expect(next(lax, { ...marked, 'a.x': x })).toEqual([timeOut]);
    expect(next(lax, { ...marked, 'a.x': { ...x, failed: 3 } })).toEqual([{ kind: 'GATHER', node: 'a.x' }]);
    expect(next(lax, { ...marked, 'a.x': { state: 'PARTIAL' } })).toEqual([
      { kind: 'END_GROUP', node: 'a', state: 'FAILED', reason },
    ]);
  });

  it('of a group does not matter once all of it has succeeded', () => {
    const done = { ...one, succeeded: 1 };
    expect(next(strict, { a: running, 'a.x': done, 'a.y': succeeded })).toEqual([
      { kind: 'GATHER', node: 'a.x' },
    ]);
    expect(next(strict, { a: running, 'a.x': succeeded, 'a.y': succeeded })).toMatchObject([
      { state: 'SUCCEEDED' },
    ]);
  });

  it.each(['INITIALIZING', 'RESOLVING', 'PROCESSING'] as const)('of a workflow runs out in %s', (state) => {
    expect(next(strict, {}, { state, deadline: 1_000 })).toEqual([
      { kind: 'COMPLETE', end: 'FAILED', reason: 'TIMED_OUT: the workflow took too long', node: null },
    ]);
  });

  it('of a workflow does not matter once it is settled how it ends', () => {
    expect(next(strict, { a: succeeded, 'a.x': succeeded, 'a.y': succeeded }, { deadline: 1 })).toMatchObject(
      [{ end: 'SUCCEEDED' }],
    );
    expect(next(strict, {}, { state: 'COMPLETING', end: 'CANCELLED', deadline: 1 })).toEqual([
      { kind: 'FINISH', end: 'CANCELLED' },
    ]);
  });
});

describe('while it is COMPLETING', () => {
  const groups = [group('a', ['x', 'y', 'z']), group('b', ['w'], { dependsOn: ['a'] })];
  const said = { state: 'COMPLETING', end: 'FAILED' } as const;
  const fault = { reason: 'TASK_FAILED: a.x' };

  it('what is open is cancelled, and what there is of the rest gathered', () => {
    const y = { state: 'EXPANDING', total: 9, submitted: 4, succeeded: 1 } as const;
    const nodes = {
      a: running,
      'a.x': { ...one, ...fault, failed: 1 },
      'a.y': y,
      'a.z': { ...one, succeeded: 1 },
    };
    expect(next(groups, nodes, said)).toEqual([{ kind: 'CANCEL_TASKS' }, { kind: 'GATHER', node: 'a.z' }]);
    const after = { ...nodes, 'a.y': { ...y, failed: 3 }, 'a.z': succeeded };
    expect(next(groups, after, said)).toEqual([{ kind: 'GATHER', node: 'a.y' }]);
    expect(next(groups, { ...after, 'a.y': { state: 'CANCELLED', succeeded: 1 } }, said)).toEqual([
      { kind: 'FINISH', end: 'FAILED' },
    ]);
  });

  it('what is not over in the end is CANCELLED, but FAILED what it failed by', () => {
    const plan = planOf(groups);
    const ends = (nodes: Nodes) =>
      Object.fromEntries(
        closed(plan, standing(plan, nodes)).map(({ node, state }) => [plan.nodes[node]?.address, state]),
      );
    const rest = { b: 'CANCELLED', 'b.w': 'CANCELLED' };
    expect(ends({ a: running, 'a.x': { ...one, ...fault }, 'a.y': one, 'a.z': succeeded })).toEqual({
      ...rest,
      a: 'PARTIAL',
      'a.x': 'FAILED',
      'a.y': 'CANCELLED',
    });
    expect(ends({ a: running, 'a.x': one, 'a.z': succeeded })).toMatchObject({
      a: 'CANCELLED',
      'a.x': 'CANCELLED',
    });
    expect(ends({ a: { ...running, reason: 'TIMED_OUT: …' } })).toMatchObject({
      a: 'FAILED',
      'a.x': 'CANCELLED',
    });
    expect(ends({ a: running, 'a.x': succeeded, 'a.y': succeeded, 'a.z': succeeded })).toEqual({
      ...rest,
      a: 'SUCCEEDED',
    });
  });
});

describe('a workflow is looked at again', () => {
  const groups = [group('a', ['x'], { timeoutMs: 400 }), group('b', ['y'], { timeoutMs: 300 })];
  const plan = planOf(groups);
  const wake = (nodes: Nodes, said: Partial<Workflow> = {}, now = 600) =>
    wakeTimeOf(plan, standing(plan, nodes, said), now);
  const busy = { a: running, 'a.x': one, b: running, 'b.y': one };

  it('soon, if there is more to do, as whoever does it may be gone', () => {
    expect(wake({})).toBe(600 + LOOK_AGAIN_MS);
    expect(wake({}, { state: 'INITIALIZING' })).toBe(600 + LOOK_AGAIN_MS);
    expect(wake(busy, { state: 'COMPLETING', end: 'CANCELLED' })).toBe(600 + LOOK_AGAIN_MS);
  });

  it('when the first of its groups, or it itself, has taken too long', () => {
    expect(wake(busy)).toBe(800);
    expect(wake({ ...busy, b: succeeded, 'b.y': succeeded })).toBe(900);
    expect(wake(busy, { deadline: 700 })).toBe(700);
  });

  it('not, if it is over, or waits only for its tasks', () => {
    expect(wake(busy, { state: 'FAILED', end: 'FAILED' })).toBeNull();
    const unbounded = planOf([group('a', ['x'])]);
    expect(wakeTimeOf(unbounded, standing(unbounded, { a: running, 'a.x': one }), 600)).toBeNull();
  });
});
