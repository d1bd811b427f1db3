import { describe, expect, it } from 'vitest';
import { MOST_EDGES, MOST_NODES, resolve } from '../../../src/domain/workflows/resolve.js';
import { group, NOTHING_SAID, planOf, problemsOf, task, workflow } from './specs.js';

const waits = (groups: Parameters<typeof planOf>[0]) => {
  const { nodes } = planOf(groups);
  return Object.fromEntries(
    nodes.map(({ address, waitsFor }) => [address, waitsFor.map((node) => nodes[node]?.address)]),
  );
};
const told = (groups: Parameters<typeof problemsOf>[0]) =>
  problemsOf(groups).map(({ field, reason, description }) => `${field} ${reason}: ${description}`);

describe('a plan', () => {
  it('lists each group before its tasks', () => {
    const { nodes } = planOf([group('a', ['x', 'y']), group('b', ['z'])]);
    expect(nodes.map(({ node, address, kind }) => `${node} ${kind} ${address}`)).toEqual([
      '0 GROUP a',
      '1 TASK a.x',
      '2 TASK a.y',
      '3 GROUP b',
      '4 TASK b.z',
    ]);
    expect(nodes[0]).toMatchObject({ tasks: [1, 2] });
    expect(nodes[4]).toMatchObject({ groupNode: 3, resultKey: 'outputs.b.z' });
  });

  it('finds dependencies by group, by group and task, and by task alone', () => {
    const found = waits([
      group('a', ['x'], { dependsOn: ['b', 'c.z'] }),
      group('b', [task('y', { dependsOn: ['w'] })]),
      group('c', ['z', task('w', { dependsOn: ['z'] })]),
    ]);
    expect(found).toEqual({
      a: ['b', 'c.z'],
      'a.x': [],
      b: [],
      'b.y': ['c.w'],
      c: [],
      'c.z': [],
      'c.w': ['c.z'],
    });
  });

  it('takes a task of the own group before a group and before those of other groups', () => {
    const found = waits([group('a', ['x', 'b', task('y', { dependsOn: ['x', 'b'] })]), group('b', ['x'])]);
    expect(found['a.y']).toEqual(['a.x', 'a.b']);
  });

  it('takes a group before a task of the same name elsewhere', () => {
    const found = waits([
      group('a', ['b']),
      group('b', ['x']),
      group('c', [task('y', { dependsOn: ['b'] })]),
    ]);
    expect(found['c.y']).toEqual(['b']);
  });

  it('waits once for what is named in two ways', () => {
    expect(waits([group('a', ['x', task('y', { dependsOn: ['x', 'a.x'] })])])['a.y']).toEqual(['a.x']);
  });

  it('settles each field of the settings by the first that says something: task, group, workflow', () => {
    const said = (settings: object) => ({ ...NOTHING_SAID, ...settings });
    const plan = planOf(
      [
        group('a', [task('x', { settings: said({ tier: 'CRITICAL' }) }), 'y'], {
          defaults: said({ tier: 'LOW', timeoutMs: 5, onFailure: 'ESCALATE' }),
        }),
        group('b', ['z']),
      ],
      { defaults: said({ tier: 'HIGH', timeoutMs: 7, attemptTimeoutMs: 3 }) },
    );
    const settings = plan.nodes.map((node) => (node.kind === 'TASK' ? node.settings : null));
    expect(settings[1]).toMatchObject({
      tier: 'CRITICAL',
      timeoutMs: 5,
      attemptTimeoutMs: 3,
      onFailure: 'ESCALATE',
    });
    expect(settings[2]).toMatchObject({ tier: 'LOW', timeoutMs: 5, attemptTimeoutMs: 3 });
    expect(settings[4]).toMatchObject({
      tier: 'HIGH',
      timeoutMs: 7,
      onFailure: 'FAIL_WORKFLOW',
      retry: null,
    });
  });
});

describe('a spec is refused', () => {
  it('for an unknown dependency, with the name that was meant', () => {
    const groups = [
      group('fetch', ['page']),
      group('digest', [task('sum', { dependsOn: ['fetch.pgae'] })], {
        dependsOn: ['fetsh', 'nothing-like-it'],
      }),
    ];
    expect(told(groups)).toEqual([
      'spec.groups[1].depends_on[0] UNKNOWN_DEPENDENCY: there is no group or task fetsh, did you mean fetch?',
      'spec.groups[1].depends_on[1] UNKNOWN_DEPENDENCY: there is no group or task nothing-like-it',
      'spec.groups[1].tasks[0].depends_on[0] UNKNOWN_DEPENDENCY: there is no group or task fetch.pgae, did you mean fetch.page?',
    ]);
  });

  it('for a task id that several groups have and the own one does not', () => {
    const groups = [group('a', ['x']), group('b', ['x']), group('c', [task('y', { dependsOn: ['x'] })])];
    expect(told(groups)).toEqual([
      'spec.groups[2].tasks[0].depends_on[0] AMBIGUOUS_DEPENDENCY: x is a task of several groups: a.x, b.x',
    ]);
  });

  it('for ids that are taken, also where dots make them the same', () => {
    const groups = [group('a', ['x', 'x', 'y.z']), group('a', ['x']), group('a.y', ['z'])];
    expect(
      problemsOf(groups)
        .filter(({ reason }) => reason === 'DUPLICATE_ID')
        .map(({ field }) => field),
    ).toEqual([
      'spec.groups[0].tasks[1].task_id',
      'spec.groups[1].group_id',
      'spec.groups[2].tasks[0].task_id',
    ]);
  });

  it('for a result that goes where another one does, or within it', () => {
    const groups = [
      group('a', [task('x', { resultKey: 'sums' }), task('y', { resultKey: 'sums.first.row' })]),
      group('b', [task('z', { resultKey: 'outputs.b.w' }), 'w', task('v', { resultKey: 'summary' })]),
    ];
    expect(told(groups)).toEqual([
      'spec.groups[1].tasks[1].result_key RESULT_KEY_TAKEN: outputs.b.w is where the result of b.z goes',
      'spec.groups[0].tasks[1].result_key RESULT_KEY_TAKEN: sums.first.row lies within sums, where the result of a.x goes',
    ]);
  });

  it('for a result that cannot be in a context where it is to go', () => {
    const bad = ['a..b', 'rows[0]', '__proto__.x', 'a["b"]', Array.from({ length: 17 }, () => 'a').join('.')];
    const tasks = bad.map((resultKey, n) => task(`t${n}`, { resultKey }));
    const problems = problemsOf([group('a', tasks), group('b.', ['x'])]);
    expect(problems.map(({ field, reason }) => `${field} ${reason}`)).toEqual([
      ...bad.map((_, n) => `spec.groups[0].tasks[${n}].result_key BAD_RESULT_KEY`),
      'spec.groups[1].tasks[0].result_key BAD_RESULT_KEY',
    ]);
    const fine = task('x', { resultKey: 'sums["a.b"].rows' });
    expect(told([group('a', [fine, task('y', { resultKey: 'sums["a.b"]' })])])).toEqual([
      'spec.groups[0].tasks[0].result_key RESULT_KEY_TAKEN: sums["a.b"].rows lies within sums["a.b"], where the result of a.y goes',
    ]);
  });

  it('with all that is wrong with it, but no more than 100', () => {
    const many = Array.from({ length: 150 }, (_, n) => task(`t${n}`, { dependsOn: [`unheard-of-${n}`] }));
    expect(problemsOf([group('a', many)])).toHaveLength(100);
    const groups = [group('a', ['x', 'x', task('y', { dependsOn: ['y', 'q'] })])];
    expect(problemsOf(groups).map(({ reason }) => reason)).toEqual([
      'DUPLICATE_ID',
      'UNKNOWN_DEPENDENCY',
      'RESULT_KEY_TAKEN',
      'CYCLE',
    ]);
  });

  it('for too many groups and tasks, or too many dependencies', () => {
    const tasks = (count: number) => Array.from({ length: count }, (_, n) => `t${n}`);
    const groups = Array.from({ length: 16 }, (_, n) => group(`g${n}`, tasks(255)));
    expect(resolve(workflow(groups)).plan?.nodes).toHaveLength(MOST_NODES);
    expect(told([...groups, group('one-more', [])])).toEqual([
      'spec.groups TOO_LARGE: has 4097 groups and tasks together, and may have 4096',
    ]);
    const everything = tasks(256);
    const wide = [
      group('a', everything),
      ...Array.from({ length: 257 }, (_, n) => group(`w${n}`, [task('end', { dependsOn: everything })])),
    ];
    expect(257 * 256).toBeGreaterThan(MOST_EDGES);
    expect(told(wide)).toEqual(['spec.groups TOO_LARGE: has 65792 dependencies, and may have 65536']);
  });
});
