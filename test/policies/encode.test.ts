import { describe, expect, it } from 'vitest';
import { compile } from '../../src/policies/cel/compile.js';
import { RequestBuilder } from '../../src/policies/cel/encode.js';
import { mergeNames, type Names } from '../../src/policies/cel/names.js';
import type { ExpressionUse } from '../../src/ports/policy-engine.js';
import { policyCandidate, policyInput } from '../support/cel-engine.js';

function namesOf(expression: string, use: ExpressionUse = 'APPROVAL'): Names {
  const compiled = compile(use, expression);
  if ('problems' in compiled) throw new Error(compiled.problems[0]?.message);
  return compiled.program.names;
}

describe('a request to the thread', () => {
  it('has each task once although two policies look at it, and of it what they name', () => {
    const expressions = ['task.tier == "LOW" && org["acme/a"] == 1', 'task.input.pages > 3'];
    const names = mergeNames(expressions.map((expression) => namesOf(expression)));
    const request = new RequestBuilder();
    const told: unknown[] = [];
    const inputs = [policyInput({}, { org: { 'acme/a': 1, 'acme/b': 2 } }), policyInput({ tier: 'LOW' })];
    for (const expression of expressions) {
      const program = request.program('APPROVAL', expression);
      for (const input of inputs) told.push(request.evaluate('run', program, names, input));
    }
    const org = ['{"acme/a":1}', '{}'];
    const task = ['{"tier":"NORMAL","input":{"pages":12}}', '{"tier":"LOW","input":{"pages":12}}'];
    const questions = inputs.map(({ now }, i) => ({ task: task[i], org: org[i], candidates: null, now }));
    expect(told).toEqual([...questions, ...questions]);
    const sent = JSON.parse(request.build());
    expect(sent.tasks).toEqual([
      { tier: 'NORMAL', input: { pages: 12 } },
      { tier: 'LOW', input: { pages: 12 } },
    ]);
    expect(sent.orgs).toEqual([{ 'acme/a': 1 }, {}]);
    expect(sent.items.map((item: readonly unknown[]) => item.slice(0, 4))).toEqual([
      ['run', 0, 0, 0],
      ['run', 0, 1, 1],
      ['run', 1, 0, 0],
      ['run', 1, 1, 1],
    ]);
  });

  it.each<[string, Partial<Names>]>([
    ['task.labels.env == "prod"', { task: ['labels'], input: [] }],
    ['task.input.a.b == 1 && task.input["c"] == 2', { task: ['input'], input: ['a', 'c'] }],
    ['task.input[0] == 1', { task: ['input'], input: null }],
    ['task.input.exists(key, key == "a")', { input: null }],
    ['has(task.input.a)', { task: ['input'], input: ['a'] }],
    ['cel.bind(t, task, t.kind == "a")', { task: null, input: null }],
    ['org.a == 1 || "b" in org', { org: null }],
    ['["x"].all(task, task == "y")', { task: [] }],
  ])('of %s', (expression, names) => {
    expect(namesOf(expression)).toMatchObject(names);
  });

  it('has of candidates what is named', () => {
    const names = namesOf('candidates.filter(c, c.cpu != null)[0].agent_id', 'PLAN_RETRIEVE');
    const request = new RequestBuilder();
    const program = request.program('PLAN_RETRIEVE', '');
    const input = policyInput({}, { candidates: [policyCandidate()] });
    const question = request.evaluate('run', program, names, input);
    const pool = [{ agent_id: 'agent-1', cpu: 0.4 }];
    expect(JSON.parse(question?.candidates ?? '')).toEqual(pool);
    expect(JSON.parse(request.build()).pools).toEqual([pool]);
  });

  it('refuses a part that is too long, and takes the next', () => {
    const names = namesOf('task.goal != ""');
    const request = new RequestBuilder();
    const program = request.program('APPROVAL', 'task.goal != ""');
    expect(request.evaluate('run', program, names, policyInput({ goal: 'x'.repeat(600_000) }))).toBeNull();
    expect(request.evaluate('run', program, names, policyInput())?.task).toContain('invoices');
    expect(JSON.parse(request.build()).items).toHaveLength(1);
  });
});
