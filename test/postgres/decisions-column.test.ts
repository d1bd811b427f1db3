import { expect, test } from 'vitest';
import { type NewDecision, recorded } from '../../src/domain/policies/decision.js';
import type { PolicyInput } from '../../src/domain/policies/policy-input.js';
import { policyTaskOf } from '../../src/domain/policies/policy-task.js';
import { questionOf } from '../../src/domain/policies/question.js';
import { NO_TERMS } from '../../src/domain/tasks/terms.js';
import { decodeDecisions, encodeDecisions } from '../../src/postgres/tasks/decisions-column.js';
import { plainSpec } from '../support/plain-task.js';

const GATE = { kind: 'APPROVAL', policyId: 'gate "1"', version: 1 } as const;
const RANK = { kind: 'PRIORITY', policyId: 'rank', version: 2 } as const;
const input: PolicyInput = {
  task: policyTaskOf({ taskId: 't1', spec: plainSpec('work'), terms: NO_TERMS, createTime: 5 }),
  org: {},
  now: 7,
};

function decision(over: Partial<NewDecision> = {}): NewDecision {
  const question = questionOf(input);
  return { by: GATE, question, output: true, failure: null, message: '', tookMs: 0.25, ...over };
}

type Stored = Parameters<typeof decodeDecisions>[0] | null;

const restored = (all: Parameters<typeof encodeDecisions>[0]) =>
  (JSON.parse(encodeDecisions(all) ?? '[]') as readonly Stored[]).map((one) => one && decodeDecisions(one));

test('decisions come back as they were, whatever they share', () => {
  const one = decision();
  const rank = decision({
    by: RANK,
    output: { priority: 4 },
    question: questionOf({ ...input, org: { a: 1 } }),
  });
  const failed = decision({ output: null, failure: 'ERROR', message: 'no "such" key\n' });
  const other = decision({
    question: questionOf({ ...input, task: { ...input.task, goal: 'x' }, candidates: [], now: 8 }),
  });
  const all = [[one, rank], [failed], [rank, other, one]];
  expect(restored(all)).toEqual(all.map((list) => list.map(recorded)));
});

test('who was not put before anybody has none', () => {
  expect(restored([[decision()], [], undefined])).toEqual([[recorded(decision())], null, null]);
});

test('nobody was asked of any of them: nothing is written', () => {
  expect(encodeDecisions([[], undefined])).toBeNull();
  expect(encodeDecisions([])).toBeNull();
});

test('a task that two policies look at is written once', () => {
  const text = encodeDecisions([[decision(), decision({ by: RANK })]]);
  expect(text?.match(/"task_id"/g)).toHaveLength(1);
});
