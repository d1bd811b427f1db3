import { describe, expect, it } from 'vitest';
import { progressOf } from '../../../src/domain/workflows/progress.js';
import { stagesOf } from '../../../src/domain/workflows/stages.js';
import { group, planOf, standing, task } from './specs.js';

describe('progress', () => {
  const plan = planOf([group('a', ['x', 'y', 'z']), group('b', ['w'])]);

  it('counts tasks that are known: those of expansions once they have expanded, one for each other', () => {
    const { nodes } = standing(plan, {
      a: { state: 'RUNNING' },
      'a.x': { state: 'EXPANDING', total: 6, submitted: 5, succeeded: 3, failed: 1 },
      'a.y': { state: 'SKIPPED' },
    });
    expect(progressOf(plan, nodes)).toEqual({
      totalCount: 8,
      submittedCount: 5,
      succeededCount: 3,
      failedCount: 1,
      fraction: 5 / 9,
    });
  });

  it('is not whole before the workflow is over', () => {
    const done = { state: 'SUCCEEDED', total: 1, submitted: 1, succeeded: 1 } as const;
    const all = { a: done, 'a.x': done, 'a.y': done, 'a.z': done, b: done, 'b.w': done };
    const waiting = standing(plan, { ...all, 'b.w': { ...done, state: 'RUNNING' } });
    expect(progressOf(plan, waiting.nodes).fraction).toBe(0.999);
    const ended = standing(plan, all);
    expect(progressOf(plan, ended.nodes, false).fraction).toBe(0.999);
    expect(progressOf(plan, ended.nodes, true).fraction).toBe(1);
    expect(progressOf(plan, ended.nodes).fraction).toBe(1);
  });

  it('has begun with nothing', () => {
    expect(progressOf(plan, standing(plan).nodes)).toMatchObject({ totalCount: 4, fraction: 0 });
  });
});

describe('stages', () => {
  it('are what can run side by side', () => {
    const plan = planOf([
      group('a', ['x', 'y', task('z', { dependsOn: ['x'] })]),
      group('b', ['w', task('v', { dependsOn: ['w', 'a.z'] })]),
      group('c', ['u'], { dependsOn: ['a'] }),
      group('d', ['t'], { dependsOn: ['b.v'] }),
    ]);
    expect(stagesOf(plan)).toEqual([['a.x', 'a.y', 'b.w'], ['a.z'], ['b.v', 'c.u'], ['d.t']]);
  });

  it('are in the order in which they run, not in that of the spec', () => {
    const plan = planOf([
      group('a', ['x'], { dependsOn: ['b'] }),
      group('b', ['y'], { dependsOn: ['c.z'] }),
      group('c', ['z']),
    ]);
    expect(stagesOf(plan)).toEqual([['c.z'], ['b.y'], ['a.x']]);
  });
});
