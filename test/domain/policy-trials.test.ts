import { describe, expect, test } from 'vitest';
import type { Decision } from '../../src/domain/policies/decision.js';
import { effectOf } from '../../src/domain/policies/effect.js';
import type { OnPolicyError, PolicyKind } from '../../src/domain/policies/policy.js';
import type { PolicyInput } from '../../src/domain/policies/policy-input.js';
import { readPolicyInput } from '../../src/domain/policies/read-input.js';

const NOW = 1_700_000_000_000;

function input(json: Parameters<typeof readPolicyInput>[0]): PolicyInput {
  const read = readPolicyInput(json, NOW, 'input');
  if ('task' in read) return read;
  throw new Error(JSON.stringify(read));
}

function decision(over: Partial<Decision>): Decision {
  return {
    kind: 'APPROVAL',
    policyId: 'p',
    version: 1,
    input: input({}),
    output: true,
    failure: null,
    message: '',
    tookMs: 1,
    time: NOW,
    ...over,
  };
}

describe('what a trial shows of an answer', () => {
  test.each<[Partial<Decision>, string]>([
    [{ output: true }, 'it is accepted'],
    [{ output: { accepted: false, reason: 'no budget' } }, 'it is rejected: no budget'],
    [{ output: { needs_human: true } }, 'it waits for a person, for approval_timeout at most'],
    [{ output: { needs_human: true, due: '90s' } }, 'it waits for a person, for 90s at most'],
    [{ output: { needs_human: true, due: '14400s' } }, 'it waits for a person, for 4h at most'],
    [{ kind: 'PRIORITY', output: 640 }, 'its priority is 640 of 1000'],
    [{ kind: 'AUCTION_INPUT', output: {} }, 'its auction gets these parameters'],
    [{ kind: 'PLAN_RETRIEVE', output: '' }, 'no agent is chosen, so it returns to selection'],
    [
      { kind: 'PLAN_RETRIEVE', output: 'b', input: input({ candidates: [{ agent_id: 'a' }] }) },
      'agent b is none of the candidates, so it returns to selection',
    ],
    [
      { kind: 'PLAN_RETRIEVE', output: 'a', input: input({ candidates: [{ agent_id: 'a' }] }) },
      'agent a gets it',
    ],
  ])('%#', (over, effect) => {
    expect(effectOf(decision(over), 'DEFAULT')).toBe(effect);
  });

  test.each<[PolicyKind, OnPolicyError, string]>([
    ['APPROVAL', 'DEFAULT', 'it is rejected'],
    ['APPROVAL', 'ACCEPT', 'it is accepted'],
    ['PRIORITY', 'DEFAULT', 'it goes by the formula'],
    ['PRIORITY', 'REJECT', 'it is rejected'],
    ['PLAN_RETRIEVE', 'DEFAULT', 'it returns to selection'],
    ['PLAN_RETRIEVE', 'REJECT', 'it is skipped'],
  ])('a %s that fails with %s: %s', (kind, onError, words) => {
    const failed = decision({ kind, output: null, failure: 'DEADLINE', message: 'too late' });
    expect(effectOf(failed, onError)).toBe(`${words}: the policy gave no answer (DEADLINE: too late)`);
  });
});

describe('an input that somebody wrote', () => {
  test('is filled in with what is usual', () => {
    const { task, org, now } = input({ task: { kind: 'report' } });
    expect(task).toMatchObject({
      kind: 'report',
      tier: 'NORMAL',
      labels: {},
      create_time: NOW,
      run_at: null,
    });
    expect(task).not.toHaveProperty('input');
    expect({ org, now }).toEqual({ org: {}, now: NOW });
  });

  test('stays as it is where it says something', () => {
    const said = {
      task: {
        ...input({}).task,
        kind: 'report',
        tier: 'LOW',
        labels: { a: 'b' },
        run_at: 5,
        input: [1, null],
      },
      candidates: [{ ...input({ candidates: [{}] }).candidates?.[0], agent_id: 'a', cpu: 0.5, gpu: null }],
      org: { 'acme/x': { deep: [1] } },
      now: 7,
    };
    expect(input(said)).toEqual(said);
  });

  test('is refused with every place where it is wrong', () => {
    const wrong = {
      task: { kind: 7, labels: { a: 1 }, capabilities: ['x', 2], run_at: 'soon', teir: 'LOW' },
      candidates: [{ agent_id: null }, 'a'],
      org: [],
      now: 'today',
      more: 1,
    };
    expect(readPolicyInput(wrong, NOW, 'input')).toEqual(
      expect.arrayContaining([
        { field: 'input.more', description: 'is not a field of it' },
        { field: 'input.task.teir', description: 'is not a field of it, did you mean tier?' },
        { field: 'input.task.kind', description: 'must be a string, not an int' },
        { field: 'input.task.labels', description: 'must be a map of strings' },
        { field: 'input.task.capabilities', description: 'must be a list of strings' },
        { field: 'input.task.run_at', description: 'must be a number, not a string' },
        { field: 'input.candidates[0].agent_id', description: 'must be a string, not null' },
        { field: 'input.candidates[1]', description: 'must be a map, not a string' },
        { field: 'input.org', description: 'must be a map, not a list' },
        { field: 'input.now', description: 'must be a number, not a string' },
      ]),
    );
  });
});
