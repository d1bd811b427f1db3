import { describe, expect, it } from 'vitest';
import type { WorkflowNode } from '../../../src/domain/workflows/workflow.js';
import { next, on, one, running, succeeded } from './decided.js';
import { group, NOTHING_SAID, task } from './specs.js';

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

  it('2,500 at a time, from where they were left', () => {
    expect(next(groups, { a: running, 'a.x': expanding(6_000, 2_500), 'a.y': expanding(1, 0) })).toEqual([
      { kind: 'SUBMIT', node: 'a.x', from: 2_500, to: 5_000 },
      { kind: 'SUBMIT', node: 'a.y', from: 0, to: 1 },
    ]);
  });

  it('no more than may be open, those of all nodes together', () => {
    const limits = { chunk: 10, batch: 5, maxOpen: 25 };
    const nodes = { a: running, 'a.x': expanding(100, 20, 8), 'a.y': expanding(100, 0) };
    expect(next(groups, nodes, { limits })).toEqual([
      { kind: 'SUBMIT', node: 'a.x', from: 20, to: 30 },
      { kind: 'SUBMIT', node: 'a.y', from: 0, to: 3 },
    ]);
    const full = { a: running, 'a.x': expanding(100, 20), 'a.y': expanding(100, 10, 1) };
    expect(next(groups, full, { limits: { chunk: 10, batch: 5, maxOpen: 29 } })).toEqual([]);
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
      'a.x': { state: 'CANCELLED', reason: 'CANCELLED: the condition of its group failed' },
      'a.y': { state: 'CANCELLED', reason: 'CANCELLED: the condition of its group failed' },
      'a.z': { state: 'CANCELLED', reason: 'CANCELLED: the condition of its group failed' },
    } as const;
    expect(next([group('a', ['x', 'y', 'z'])], nodes)).toEqual([
      { kind: 'COMPLETE', end: 'FAILED', reason: 'CONDITION_FAILED: a: no such key: n', node: 'a' },
    ]);
    expect(next(groups, nodes)).toMatchObject([{ kind: 'COMPLETE', end: 'PARTIAL' }]);
  });
});
