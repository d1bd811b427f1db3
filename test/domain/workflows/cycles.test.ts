import { describe, expect, it } from 'vitest';
import { cyclesOf } from '../../../src/domain/workflows/cycles.js';
import type { PlanNode } from '../../../src/domain/workflows/plan.js';
import { group, planOf, problemsOf, task } from './specs.js';

const told = (groups: Parameters<typeof problemsOf>[0]) =>
  problemsOf(groups).map(({ field, reason, description }) => `${field} ${reason} ${description}`);

describe('a cycle is told with all that is in it', () => {
  it('of tasks', () => {
    const groups = [
      group('a', ['w', task('x', { dependsOn: ['w', 'b.y'] })]),
      group('b', [task('y', { dependsOn: ['a.x'] })]),
    ];
    expect(told(groups)).toEqual([
      'spec.groups[0].tasks[1].depends_on[1] CYCLE waits for itself: a.x → b.y → a.x',
    ]);
  });

  it('of a task or a group with itself', () => {
    const groups = [
      group('a', [task('x', { dependsOn: ['x'] })]),
      group('b', ['y'], { dependsOn: ['a', 'b'] }),
    ];
    expect(told(groups)).toEqual([
      'spec.groups[0].tasks[0].depends_on[0] CYCLE waits for itself: a.x → a.x',
      'spec.groups[1].depends_on[1] CYCLE waits for itself: b → b',
    ]);
  });

  it('of a task or a group with itself, and of what it is in besides', () => {
    const groups = [
      group('a', [task('x', { dependsOn: ['x', 'y'] }), task('y', { dependsOn: ['x', 'y'] })]),
      group('b', [task('z', { dependsOn: ['c'] })], { dependsOn: ['b'] }),
      group('c', ['w'], { dependsOn: ['b'] }),
    ];
    expect(told(groups)).toEqual([
      'spec.groups[0].tasks[0].depends_on[0] CYCLE waits for itself: a.x → a.x',
      'spec.groups[0].tasks[0].depends_on[1] CYCLE waits for itself: a.x → a.y → a.x',
      'spec.groups[0].tasks[1].depends_on[1] CYCLE waits for itself: a.y → a.y',
      'spec.groups[1].depends_on[0] CYCLE waits for itself: b → b',
      'spec.groups[1].tasks[0].depends_on[0] CYCLE waits for itself: b.z → c → b → b.z',
    ]);
  });

  it('of a task with its own group', () => {
    expect(told([group('a', ['w', task('x', { dependsOn: ['a'] })])])).toEqual([
      'spec.groups[0].tasks[1].depends_on[0] CYCLE waits for itself: a.x → a → a.x',
    ]);
  });

  it('of a group with one of its own tasks', () => {
    expect(told([group('a', ['w', 'x'], { dependsOn: ['a.x'] })])).toEqual([
      'spec.groups[0].depends_on[0] CYCLE waits for itself: a → a.x → a',
    ]);
  });

  it('of a group that waits for a task of one that waits for it', () => {
    const groups = [group('a', ['x'], { dependsOn: ['b.y'] }), group('b', ['y'], { dependsOn: ['a'] })];
    expect(told(groups)).toEqual(['spec.groups[0].depends_on[0] CYCLE waits for itself: a → b.y → b → a']);
  });

  it('of groups whose tasks wait for each other’s groups', () => {
    const groups = [
      group('a', [task('x', { dependsOn: ['b'] })]),
      group('b', [task('y', { dependsOn: ['a'] })]),
    ];
    expect(told(groups)).toEqual([
      'spec.groups[0].tasks[0].depends_on[0] CYCLE waits for itself: a.x → b → b.y → a → a.x',
    ]);
  });

  it('each of those that have nothing to do with each other', () => {
    const two = (id: string) =>
      group(id, [task('x', { dependsOn: [`${id}.y`] }), task('y', { dependsOn: [`${id}.x`] })]);
    expect(told([two('a'), two('b')]).map((line) => line.split(': ')[1])).toEqual([
      'a.x → a.y → a.x',
      'b.x → b.y → b.x',
    ]);
  });

  it('in the shortest way around', () => {
    const ring = Array.from({ length: 9 }, (_, n) =>
      task(`t${n}`, { dependsOn: [`t${(n + 1) % 9}`, ...(n === 3 ? ['t0'] : [])] }),
    );
    expect(told([group('a', ring)])[0]).toMatch(/: a.t0 → a.t1 → a.t2 → a.t3 → a.t0$/);
  });

  it('shortened where it is very long, and without a limit to its depth', () => {
    const ring = Array.from({ length: 4_000 }, (_, n) =>
      task(`t${n}`, { dependsOn: [`t${(n + 1) % 4_000}`] }),
    );
    const [line, ...more] = told([group('a', ring)]);
    expect(more).toEqual([]);
    expect(line).toMatch(/a\.t0 → a\.t1 → .* → a\.t47 → … → a\.t0$/);
  });
});

describe('what only looks like a cycle is none', () => {
  it('a task that waits for one of a group which waits for another task of its own', () => {
    const groups = [
      group('a', ['w', task('x', { dependsOn: ['b.y'] })]),
      group('b', ['y'], { dependsOn: ['a.w'] }),
    ];
    expect(told(groups)).toEqual([]);
  });
});

it('cycles are found in a plan to which dependencies were added', () => {
  const { nodes } = planOf([group('a', ['x', task('y', { dependsOn: ['x'] })])]);
  const added = nodes.map((node): PlanNode => (node.address === 'a.x' ? { ...node, waitsFor: [2] } : node));
  expect(cyclesOf({ nodes })).toEqual([]);
  expect(cyclesOf({ nodes: added })).toEqual([
    { field: 'spec.groups[0].tasks[0]', reason: 'CYCLE', description: 'waits for itself: a.x → a.y → a.x' },
  ]);
});
