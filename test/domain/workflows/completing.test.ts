import { describe, expect, it } from 'vitest';
import { closed } from '../../../src/domain/workflows/completing.js';
import { type Nodes, next, one, running, succeeded } from './decided.js';
import { group, planOf, standing } from './specs.js';

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
