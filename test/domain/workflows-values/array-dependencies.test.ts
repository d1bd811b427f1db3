import { describe, expect, it } from 'vitest';
import { withArrayDependencies } from '../../../src/domain/workflows/array-dependencies.js';
import type { GroupSpec, WorkflowSpec } from '../../../src/domain/workflows/spec.js';
import { group, planOf, task, workflow } from '../workflows/specs.js';
import { expanding } from './expansions.js';

/** Which nodes wait for which, by address; those that wait for none are left out. */
function waitsOf(groups: readonly GroupSpec[], said: Partial<WorkflowSpec> = {}) {
  const { plan, problems } = withArrayDependencies(planOf(groups, said), workflow(groups, said));
  if (!plan) return problems;
  const waiting = plan.nodes.filter(({ waitsFor }) => waitsFor.length > 0);
  return Object.fromEntries(
    waiting.map((node) => [node.address, node.waitsFor.map((other) => plan.nodes[other]?.address)]),
  );
}

describe('a node waits for the results that it refers to', () => {
  const scan = group('scan', ['pages', 'title']);

  it.each<[string, GroupSpec, Readonly<Record<string, readonly string[]>>]>([
    [
      'in its input, by group and task',
      group('b', [task('x', { input: { list: ['{{ results.scan.pages[0] }}'] } })]),
      { 'b.x': ['scan.pages'] },
    ],
    [
      'by a task alone',
      group('b', [task('x', { messageTemplate: 'of {{ results.title | "?" }}' })]),
      { 'b.x': ['scan.title'] },
    ],
    [
      'in a default',
      group('b', [task('x', { files: ['{{ params.f | results.title }}'] })]),
      { 'b.x': ['scan.title'] },
    ],
    [
      'by its group',
      group('b', [task('x', { instructions: '{{ size(results.scan) }}' })]),
      { 'b.x': ['scan'] },
    ],
    [
      'by its place in the context',
      group('b', [task('x', { condition: 'context.outputs.scan.pages.count > 0' })]),
      { 'b.x': ['scan.pages'] },
    ],
    [
      'in the condition of its group',
      group('b', ['x'], { condition: 'results.title != ""' }),
      { b: ['scan.title'] },
    ],
    [
      'in the instructions of its group',
      group('b', ['x', 'y'], { instructions: '{{ results.title }}' }),
      { 'b.x': ['scan.title'], 'b.y': ['scan.title'] },
    ],
    [
      'in validate',
      group('b', [task('x', { validate: 'result.n == size(results.scan.pages)' })]),
      { 'b.x': ['scan.pages'] },
    ],
    [
      'in what it expands over',
      group('b', [
        task('x', {
          settings: expanding({
            arrayMapping: [{ name: 'page', path: 'results.scan.pages["all of it"][0]' }],
          }),
        }),
      ]),
      { 'b.x': ['scan.pages'] },
    ],
    [
      'in what it expands over, a path in the context',
      group('b', [
        task('x', { settings: expanding({ arrayMapping: [{ name: 'p', path: 'outputs.scan.pages' }] }) }),
      ]),
      { 'b.x': ['scan.pages'] },
    ],
    [
      'in the rules of its expansion',
      group('b', [
        task('x', {
          settings: expanding({
            mappingRules: { n: 'item.user.n + results.title.size()' },
            reducer: 'results.size()',
          }),
        }),
      ]),
      { 'b.x': ['scan.title'] },
    ],
  ])('%s', (_what, other, waits) => {
    expect(waitsOf([scan, other])).toEqual(waits);
  });

  it.each<[string, GroupSpec]>([
    ['nothing else', group('b', [task('x', { input: '{{ context.user.name + string(now) }}' })])],
    ['a name that is no result', group('b', [task('x', { input: '{{ results.nobody.x }}' })])],
    ['texts', group('b', [task('x', { input: '{{ "results.scan.pages" }} results.title' })])],
    [
      'its own data',
      group('b', [
        task('x', {
          input: { outputs: { scan: [] } },
          settings: expanding({ arrayMapping: [{ name: 'p', path: 'outputs.scan' }] }),
        }),
      ]),
    ],
    ['its own group as it is', group('b', ['x', task('y', { input: '{{ results.b }}' })])],
    [
      'its own result, once it is there',
      group('b', [task('x', { resultKey: 'n', validate: 'result > context.n' })]),
    ],
  ])('and not for %s', (_what, other) => {
    expect(waitsOf([scan, other])).toEqual({});
  });

  it('once, if it does so already', () => {
    const waits = waitsOf([
      scan,
      group('b', [task('x', { dependsOn: ['scan.pages'], input: '{{ results.scan.pages }}' })]),
      group('c', [task('x', { input: '{{ results.scan.title }}' })], { dependsOn: ['scan'] }),
    ]);
    expect(waits).toEqual({ 'b.x': ['scan.pages'], c: ['scan'] });
  });

  it('and finds its own task before it has begun a problem, with both names', () => {
    const one = task('x', { input: { a: ['{{ results.a.y }}'] } });
    expect(waitsOf([group('a', [one, task('y', { dependsOn: ['x'] })])])).toEqual([
      {
        field: 'spec.groups[0].tasks[0].input.a[0]',
        reason: 'CYCLE',
        description: 'results.a.y of a.x waits for a.y, which waits for a.x',
      },
    ]);
    expect(waitsOf([group('a', [task('x', { instructions: '{{ results.x }}' })])])).toMatchObject([
      { reason: 'CYCLE', description: 'results.x of a.x is its own result' },
    ]);
    expect(waitsOf([group('a', ['x'], { condition: 'results.a.x > 1' })])).toMatchObject([
      {
        field: 'spec.groups[0].condition',
        reason: 'CYCLE',
        description: 'results.a.x of a waits for a.x, which waits for a',
      },
    ]);
    expect(
      waitsOf([
        group('a', [task('x', { input: '{{ results.b.y }}' })]),
        group('b', [task('y', { input: '{{ results.a.x }}' })]),
      ]),
    ).toMatchObject([{ reason: 'CYCLE' }, { reason: 'CYCLE' }]);
  });

  it('but takes what the context has from the beginning where it cannot wait', () => {
    const groups = [
      group('a', [task('x', { input: '{{ context.counter.n }}' })]),
      group('b', [task('y', { resultKey: 'counter', input: '{{ results.a.x }}' })]),
    ];
    expect(waitsOf(groups, { context: { counter: { n: 1 } } })).toEqual({ 'b.y': ['a.x'] });
    expect(waitsOf(groups)).toMatchObject([{ reason: 'CYCLE' }, { reason: 'CYCLE' }]);
    const [first] = groups;
    const free = [first as GroupSpec, group('b', [task('y', { resultKey: 'counter' })])];
    expect(waitsOf(free, { context: { counter: { n: 1 } } })).toEqual({ 'a.x': ['b.y'] });
  });

  it('has a limit', () => {
    const instructions = '{{ now }}'.repeat(200);
    const tasks = Array.from({ length: 300 }, (_, n) => `t${n}`);
    expect(waitsOf([group('a', tasks, { instructions })])).toMatchObject([{ reason: 'TOO_LARGE' }]);
  });
});
