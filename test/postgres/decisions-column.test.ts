import { expect, test } from 'vitest';
import type { Decision } from '../../src/domain/policies/decision.js';
import { policyTaskOf } from '../../src/domain/policies/policy-task.js';
import { NO_TERMS } from '../../src/domain/tasks/terms.js';
import { decodeDecisions, encodeDecisions } from '../../src/postgres/tasks/decisions-column.js';
import { plainSpec } from '../support/plain-task.js';

function decision(over: Partial<Decision> = {}): Decision {
  const task = policyTaskOf({ taskId: 't1', spec: plainSpec('work'), terms: NO_TERMS, createTime: 5 });
  const input = { task, org: {}, now: 7 };
  const common = { failure: null, message: '', tookMs: 0.25, time: 7 };
  return { kind: 'APPROVAL', policyId: 'gate', version: 1, input, output: true, ...common, ...over };
}

const restored = (decisions: readonly Decision[]) =>
  decodeDecisions(JSON.parse(encodeDecisions(decisions) ?? '[]') as Parameters<typeof decodeDecisions>[0]);

test('decisions come back as they were, whatever they share', () => {
  const first = decision();
  const second = decision({
    kind: 'PRIORITY',
    policyId: 'rank',
    output: 400,
    input: { ...first.input, org: { a: 1 } },
  });
  const other = decision({
    input: {
      ...first.input,
      task: { ...first.input.task, goal: 'x', run_at: 9, labels: { a: 'b' }, urgency: 3 },
    },
  });
  const all = [first, second, other, { ...second, failure: 'ERROR' as const }];
  expect(restored(all)).toEqual(all);
});

test('nobody was asked: nothing is written', () => {
  expect(encodeDecisions([])).toBeNull();
  expect(encodeDecisions(undefined)).toBeNull();
});

test('what was written in full is read as it is', () => {
  const all = [decision(), decision({ kind: 'PRIORITY' })];
  expect(decodeDecisions(JSON.parse(JSON.stringify(all)))).toEqual(all);
});

test('a task that two policies look at is written once', () => {
  const first = decision();
  const text = encodeDecisions([first, decision({ kind: 'PRIORITY', input: first.input })]);
  expect(text?.match(/"task_id"/g)).toHaveLength(1);
  expect(text).not.toContain('"goal"');
});
