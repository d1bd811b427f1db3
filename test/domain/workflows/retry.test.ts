import { expect, it } from 'vitest';
import { retryOf } from '../../../src/domain/workflows/retry.js';
import type { WorkflowNode } from '../../../src/domain/workflows/workflow.js';
import { group, planOf, standing, task } from './specs.js';

/** What is done again, by address. */
function again(groups: Parameters<typeof planOf>[0], nodes: Readonly<Record<string, Partial<WorkflowNode>>>) {
  const plan = planOf(groups);
  const address = (node: number) => plan.nodes[node]?.address ?? '?';
  const { anew, goOn, retryTasks } = retryOf(plan, standing(plan, nodes));
  return {
    anew: anew.map(address),
    goOn: Object.fromEntries(goOn.map(({ node, state }) => [address(node), state])),
    retryTasks: retryTasks.map(address),
  };
}
const succeeded = { state: 'SUCCEEDED', startTime: 5, total: 1, submitted: 1, succeeded: 1 } as const;
const failed = {
  state: 'FAILED',
  reason: 'TASK_FAILED',
  startTime: 5,
  total: 1,
  submitted: 1,
  failed: 1,
} as const;
const partial = { ...failed, state: 'PARTIAL', total: 9, submitted: 9, succeeded: 7, failed: 2 } as const;
const cancelled = { state: 'CANCELLED', reason: 'CANCELLED' } as const;
const skipped = { state: 'SKIPPED', reason: 'CONDITION' } as const;

it('what succeeded stays, what failed goes on with its items, what had not begun begins', () => {
  const groups = [group('a', ['x', 'y', 'z']), group('b', ['w'], { dependsOn: ['a'] }), group('c', ['v'])];
  const nodes = {
    a: failed,
    'a.x': succeeded,
    'a.y': failed,
    'a.z': partial,
    b: cancelled,
    'b.w': cancelled,
    c: succeeded,
    'c.v': succeeded,
  };
  expect(again(groups, nodes)).toEqual({
    anew: ['b', 'b.w'],
    goOn: { a: 'RUNNING', 'a.y': 'RUNNING', 'a.z': 'RUNNING' },
    retryTasks: ['a.y', 'a.z'],
  });
});

it('nothing is done again of what succeeded', () => {
  const groups = [group('a', ['x', 'y']), group('b', ['w'])];
  const nodes = { a: succeeded, 'a.x': succeeded, 'a.y': skipped, b: skipped, 'b.w': skipped };
  expect(again(groups, nodes)).toEqual({ anew: [], goOn: {}, retryTasks: [] });
});

it('what was cancelled while its tasks were being made goes on making them', () => {
  const half = { ...cancelled, startTime: 5, total: 900, submitted: 500, succeeded: 500 } as const;
  expect(again([group('a', ['x'])], { a: { ...cancelled, startTime: 5 }, 'a.x': half })).toEqual({
    anew: [],
    goOn: { a: 'RUNNING', 'a.x': 'EXPANDING' },
    retryTasks: [],
  });
});

it('all tasks of what had no valid result run again', () => {
  const invalid = { ...succeeded, state: 'FAILED', reason: 'RESULT_INVALID: negative' } as const;
  expect(again([group('a', ['x'])], { a: failed, 'a.x': invalid })).toMatchObject({
    anew: ['a.x'],
    retryTasks: [],
  });
});

it('a result that could not be put together is put together again, from the same results', () => {
  const odd = { ...succeeded, state: 'FAILED', reason: 'OUTPUT_FAILED: no such key' } as const;
  expect(again([group('a', ['x'])], { a: failed, 'a.x': odd })).toEqual({
    anew: [],
    goOn: { a: 'RUNNING', 'a.x': 'RUNNING' },
    retryTasks: [],
  });
});

it('what failed after something that failed waits for it once more, with new items', () => {
  const groups = [
    group('a', ['x']),
    group('b', ['y', task('z', { dependsOn: ['y'] })], { dependsOn: ['a'] }),
    group('c', [task('w', { dependsOn: ['a.x'] })]),
  ];
  const nodes = {
    a: failed,
    'a.x': failed,
    b: partial,
    'b.y': succeeded,
    'b.z': partial,
    c: failed,
    'c.w': failed,
  };
  expect(again(groups, nodes)).toEqual({
    anew: ['b', 'b.z', 'c.w'],
    goOn: { a: 'RUNNING', 'a.x': 'RUNNING', c: 'RUNNING' },
    retryTasks: ['a.x'],
  });
});

it('what was skipped is looked at again after what is done again', () => {
  const groups = [
    group('a', ['x', 'y', task('z', { dependsOn: ['x'] }), task('v', { dependsOn: ['y'] })]),
    group('b', [task('w', { dependsOn: ['a.x'] })]),
    group('c', ['u', task('t', { dependsOn: ['a.x'] })]),
    group('d', ['s'], { dependsOn: ['a.x'] }),
  ];
  const nodes = {
    ...{ a: partial, 'a.x': failed, 'a.y': succeeded, 'a.z': skipped, 'a.v': skipped },
    ...{
      b: skipped,
      'b.w': skipped,
      c: succeeded,
      'c.u': succeeded,
      'c.t': skipped,
      d: skipped,
      'd.s': skipped,
    },
  };
  expect(again(groups, nodes)).toEqual({
    anew: ['a.z', 'c.t', 'd', 'd.s'],
    goOn: { a: 'RUNNING', 'a.x': 'RUNNING', c: 'RUNNING' },
    retryTasks: ['a.x'],
  });
});

it('a group whose condition could not be evaluated begins anew', () => {
  const wrong = { state: 'FAILED', reason: 'CONDITION_FAILED: no such key', startTime: 5 } as const;
  expect(again([group('a', ['x'])], { a: wrong, 'a.x': cancelled })).toMatchObject({ anew: ['a', 'a.x'] });
});

it('a group that took too long has its time again', () => {
  const late = { state: 'FAILED', reason: 'TIMED_OUT: group a', startTime: 5 } as const;
  expect(again([group('a', ['x', 'y'])], { a: late, 'a.x': partial, 'a.y': cancelled })).toEqual({
    anew: ['a.y'],
    goOn: { a: 'RUNNING', 'a.x': 'RUNNING' },
    retryTasks: ['a.x'],
  });
});

it('a group that took too long, but all of whose tasks came to an end, only has to end again', () => {
  const late = { state: 'FAILED', reason: 'TIMED_OUT: group a', startTime: 5 } as const;
  expect(again([group('a', ['x', 'y'])], { a: late, 'a.x': succeeded, 'a.y': skipped })).toEqual({
    anew: [],
    goOn: { a: 'RUNNING' },
    retryTasks: [],
  });
});
