import { describe, expect, it } from 'vitest';
import { LOOK_AGAIN_MS, wakeTimeOf } from '../../../src/domain/workflows/wake-time.js';
import type { Workflow } from '../../../src/domain/workflows/workflow.js';
import { type Nodes, next, on, one, running, succeeded } from './decided.js';
import { group, planOf, standing, task } from './specs.js';

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

  it('of a group runs out: what all items have succeeded of is not missed', () => {
    const groups = [group('a', ['x', task('y', on('CONTINUE'))], { timeoutMs: 400 })];
    const nodes = { a: running, 'a.x': { ...one, succeeded: 1 }, 'a.y': one };
    expect(next(groups, nodes)).toEqual([
      { kind: 'TIME_OUT_GROUP', node: 'a', reason },
      { kind: 'GATHER', node: 'a.x' },
    ]);
  });

  it('of a group that has run out does not come back with a clock that is behind', () => {
    const x = { state: 'EXPANDING', total: 9, submitted: 4, succeeded: 4 } as const;
    const nodes = { a: { ...running, reason }, 'a.x': x, 'a.y': succeeded };
    expect(next(lax, nodes, { now: 600 })).toEqual([{ kind: 'GATHER', node: 'a.x' }]);
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
