import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/domain/json.js';
import { scopeIn, scopeOf, variablesOf } from '../../../src/domain/workflows/scope.js';
import { group, planOf, task, workflow } from '../workflows/specs.js';

const GROUPS = [
  group('load', ['users', task('sales', { resultKey: 'data.sales' })]),
  group('report', ['users', 'load', 'send']),
];
const plan = planOf(GROUPS);

describe('a scope', () => {
  it('has the context as it was seeded and written since', () => {
    const context = { user: { name: 'Ann', age: 3 }, old: 1, 'a.b': 2 };
    const spec = workflow(GROUPS, { context, params: { year: 2024 } });
    const rows = [
      { path: 'user.name', version: 2, value: 'Bob' },
      { path: 'outputs.load.users', version: 1, value: [1] },
      { path: 'old', version: 3, value: undefined },
    ];
    const scope = scopeOf(plan, spec, rows, 1_000);
    expect(scope.context).toEqual({
      user: { name: 'Bob', age: 3 },
      outputs: { load: { users: [1] } },
      'a.b': 2,
    });
    expect(scope.params).toEqual({ year: 2024 });
    expect(variablesOf(scope)).toEqual({ ...scope, now: 1_000 });
  });

  it('has results by group and task, and by the task alone where that is clear', () => {
    const context: JsonObject = {
      outputs: { load: { users: ['of load'] }, report: { users: ['of report'], load: 'x', send: null } },
      data: { sales: 7 },
    };
    expect(scopeIn(plan, {}, context, 0).results).toEqual({
      // A group, though a task of another one has the same id.
      load: { users: ['of load'], sales: 7 },
      report: { users: ['of report'], load: 'x', send: null },
      sales: 7,
      send: null,
    });
  });

  it('has groups before their tasks have results', () => {
    expect(scopeIn(plan, {}, {}, 0).results).toEqual({ load: {}, report: {} });
  });
});
