import { expect, test } from 'vitest';
import type { Facts } from '../../src/domain/explain/facts.js';
import { agentOf, NOW, setup, taskIn } from './support/explain.js';

test('one that a plan is still to be made for says so', () => {
  const { text, blockers } = setup(taskIn('QUEUED'), {
    standing: { kind: 'TO_CHOOSE' },
    agents: [agentOf('a')],
    connected: 1,
  });
  expect(blockers.map(({ change }) => change.kind)).toEqual(['CHOOSE_AGENT']);
  expect(text).toBe(
    'It is QUEUED. Its agent is being chosen. It starts once its agent is chosen, which is being done.',
  );
});

test.each([
  [
    { policyId: '', version: 0, failure: 'MISSING' as const, message: 'no plan policy is set' },
    'MISSING: no plan policy is set',
  ],
  [
    { failure: 'WRONG_RESULT' as const, message: 'a9 is not there' },
    'policy pick in version 2: WRONG_RESULT: a9 is not there',
  ],
  [{ output: '' }, 'policy pick in version 2: it names nobody'],
  [{ output: { head_agent_subject_id: '' } }, 'policy pick in version 2: it names nobody'],
])('one that plans find nobody for says why: %j', (over, why) => {
  const decision = {
    ...{ kind: 'PLAN_RETRIEVE' as const, policyId: 'pick', version: 2, input: {} as never },
    ...{ output: null, failure: null, message: '', tookMs: 1, time: NOW, ...over },
  };
  const { text } = setup(taskIn('QUEUED'), {
    ...{ standing: { kind: 'TO_CHOOSE' }, decisions: [decision], agents: [agentOf('a')], connected: 1 },
  });
  expect(text).toContain(
    `Its agent is being chosen; so far nobody was, since 2026-01-01T00:00:00Z (${why}).`,
  );
});

test('one that plans find nobody for says since when, how often and when the next one is asked', () => {
  const plan = (output: string, time: number) => ({
    ...{ kind: 'PLAN_RETRIEVE' as const, policyId: 'pick', version: 2, input: {} as never },
    ...{ output, failure: null, message: '', tookMs: 1, time },
  });
  const decisions = [
    plan('', NOW - 90_000),
    plan('a', NOW - 80_000),
    plan('', NOW - 60_000),
    { ...plan('', NOW - 30_000), output: null, failure: 'ERROR' as const, message: 'no such key' },
  ];
  const textOf = (planTries: Facts['planTries']) =>
    setup(taskIn('QUEUED'), {
      ...{ standing: { kind: 'TO_CHOOSE' }, decisions, planTries, agents: [agentOf('a')], connected: 1 },
    }).text;
  const known =
    'so far nobody was, since 2025-12-31T23:59:00Z (policy pick in version 2: ERROR: no such key).';
  expect(textOf({ count: 6, nextTime: NOW + 20_000 })).toContain(
    `${known} It was asked at least 6 times, and will be again at 2026-01-01T00:00:20Z, or sooner if agents change.`,
  );
  expect(textOf({ count: 1, nextTime: NOW })).toContain(
    `${known} It was asked at least 1 time, and is being asked again.`,
  );
  expect(textOf({ count: 0, nextTime: NOW })).toContain(`${known} It starts`);
});

test('a plan that had found somebody before is not told as one that failed', () => {
  const decision = {
    ...{ kind: 'PLAN_RETRIEVE' as const, policyId: 'pick', version: 2, input: {} as never },
    ...{ output: { head_agent_subject_id: 'a' }, failure: null, message: '', tookMs: 1, time: NOW },
  };
  const { text } = setup(taskIn('QUEUED'), {
    ...{ standing: { kind: 'TO_CHOOSE' }, decisions: [decision], agents: [agentOf('a')], connected: 1 },
  });
  expect(text).toContain('Its agent is being chosen. ');
});

test.each([
  ['', 'none is set', 'plan_retrieve_policy is set to a policy that exists'],
  ['pick', 'there is no plan policy pick', 'there is a plan policy pick'],
])(
  'one that waits for the plan of a policy that is missing says what to do: %j',
  (missingPlan, why, once) => {
    const { text, blockers } = setup(taskIn('QUEUED'), {
      ...{ standing: { kind: 'TO_CHOOSE' }, missingPlan, agents: [agentOf('a')], connected: 1 },
    });
    expect(blockers.map(({ change }) => change)).toEqual([
      { kind: 'SET_POLICY', policyKind: 'PLAN_RETRIEVE', policyId: missingPlan },
    ]);
    expect(text).toBe(
      `It is QUEUED. A plan policy is to choose its agent, and ${why}. It starts once ${once}.`,
    );
  },
);

test('one that a plan is still to be made for, with nobody there, waits for somebody', () => {
  const over = { standing: { kind: 'TO_CHOOSE' } } as const;
  const { text, blockers } = setup(taskIn('QUEUED'), over);
  expect(blockers.map(({ change }) => change.kind)).toEqual(['ADD_AGENT']);
  expect(text).toBe(
    'It is QUEUED. No agent is connected. It starts once an agent with room connects that has the capability work.',
  );
  expect(setup(taskIn('QUEUED'), { ...over, missingPlan: '' }).text).toBe(
    'It is QUEUED. A plan policy is to choose its agent, and none is set. No agent is connected. It starts once plan_retrieve_policy is set to a policy that exists and an agent with room connects that has the capability work.',
  );
});
