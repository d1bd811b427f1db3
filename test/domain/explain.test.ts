import { expect, test } from 'vitest';
import { gammaInterval } from '../../src/domain/explain/expected-start.js';
import { explain } from '../../src/domain/explain/explain-task.js';
import type { AgentFacts, Facts } from '../../src/domain/explain/facts.js';
import { whyChosen } from '../../src/domain/explain/selected.js';
import { newAgent } from '../../src/domain/explain/ways.js';
import { NO_REQUIREMENTS } from '../../src/domain/tasks/requirements.js';
import type { Task, TaskEvent } from '../../src/domain/tasks/task.js';
import { TIER_AGING } from '../../src/domain/tasks/tier.js';
import { plainSpec } from '../support/plain-task.js';

const NOW = Date.UTC(2026, 0, 1);

function taskIn(state: Task['state'], over: Partial<Task> = {}): Task {
  return {
    ...{ org: 'acme', taskId: 't1', state, tier: 'NORMAL', score: 0, epoch: 0, series: 0, attempt: 0 },
    ...{ deliveries: 0, agentId: null, reason: '', pending: 0, seq: 1, createTime: NOW, runnableTime: NOW },
    ...{
      runTime: null,
      startTime: null,
      finishTime: null,
      spec: plainSpec('work'),
      result: null,
      workflow: null,
    },
    ...over,
  };
}

function setup(task: Task, over: Partial<Facts> = {}) {
  return explain({
    task,
    standing: { kind: 'SHARED' },
    ...{
      events: [],
      decisions: [],
      approval: null,
      missingPlan: null,
      directory: null,
      holds: [],
      upstreams: [],
      place: null,
      delayed: [],
      agents: [],
      connected: 0,
    },
    ...{ minHealth: 0.5, headStarts: TIER_AGING, overtaking: 0, maxCandidates: 20, now: NOW },
    ...over,
  });
}

function agentOf(agentId: string, over: Partial<AgentFacts> = {}): AgentFacts {
  const spec = { ...newAgent(NO_REQUIREMENTS), agentId };
  const condition = { health: 1, intent: 'ACTIVE' } as const;
  return { spec, condition, against: [], instances: 1, slots: 2, inFlight: 0, credit: 2, ...over };
}

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
  expect(text).toContain(`Its agent is being chosen; so far nobody was (${why}).`);
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

test('a role directory that does not answer is what keeps a task that is for a pool, not who is in none', () => {
  const directory = { address: 'roles.acme:7000', problem: 'the role directory roles.acme:7000: gone' };
  const agents = [agentOf('a', { against: ['POOL'] }), agentOf('b', { against: ['CAPABILITIES', 'POOL'] })];
  const { text, blockers, candidates } = setup(taskIn('QUEUED'), { directory, agents, connected: 2 });
  expect(blockers.map(({ change }) => change)).toEqual([
    { kind: 'DIRECTORY_ANSWERS', address: 'roles.acme:7000' },
  ]);
  expect(text).toBe(
    'It is QUEUED. Nobody is known to be in its pool of candidates, as the role directory does not answer: the role directory roles.acme:7000: gone. It starts once the role directory at roles.acme:7000 answers again.',
  );
  expect(candidates.map(({ eligible }) => eligible)).toEqual([false, false]);
  expect(candidates[0]?.reasons).toEqual([
    'is not known to be in the pool of candidates: the role directory does not answer',
  ]);
  const unfit = setup(taskIn('QUEUED'), { directory, agents: agents.slice(1), connected: 1 });
  expect(unfit.blockers.map(({ change }) => change.kind)).toEqual(['DIRECTORY_ANSWERS', 'ADD_AGENT']);
  expect(unfit.text).toContain('it is without its capabilities.');
});

test.each([
  [
    { kind: 'PAUSE', actor: 'ann', reason: 'site down', time: NOW } as const,
    'The queue of kind work was paused by ann at 2026-01-01T00:00:00Z: site down.',
    'the queue of kind work is resumed',
  ],
  [
    { kind: 'PAUSE', actor: '', reason: '', time: NOW } as const,
    'The queue of kind work was paused at 2026-01-01T00:00:00Z.',
    'the queue of kind work is resumed',
  ],
  [
    { kind: 'CLEARING', operationId: 'op1' } as const,
    'The queue of kind work is being cleared by operation op1, which cancels what was there before it.',
    'operation op1 has ended',
  ],
  [null, 'The queue of kind work is paused, or being cleared.', 'the queue of kind work is resumed'],
])('a part of the queue that is held says by whom and why: %j', (by, why, once) => {
  const { text } = setup(taskIn('QUEUED'), { holds: [{ part: { tier: null, kind: 'work' }, by }] });
  expect(text).toContain(`It is QUEUED. ${why} `);
  expect(text).toContain(`It starts once ${once}`);
});

test('who could do it but is away is named', () => {
  const away = agentOf('away', { instances: 0, credit: 0, slots: 0, against: ['HEALTH'] });
  const { text, agentCount } = setup(taskIn('QUEUED'), { standing: { kind: 'TO_CHOOSE' }, agents: [away] });
  expect(text).toContain('No agent is connected. 1 agent could do it but is not connected: away.');
  expect(agentCount).toBe(1);
});

test('an approval says who asks, until when, and what holds then; what follows it is told too', () => {
  const approval = {
    ...{ taskId: 't1', kind: 'work', goal: '', submitterSubjectId: 'alice', reason: 'it is dear' },
    ...{ policyId: 'budget', policyVersion: 2, createTime: NOW, dueTime: NOW + 3_600_000 },
    ...{
      defaultVerdict: 'REJECT' as const,
      verdict: null,
      approver: '',
      verdictReason: '',
      verdictTime: null,
    },
  };
  const { text, blockers } = setup(taskIn('AWAITING_APPROVAL'), {
    approval,
    upstreams: [{ taskId: 't0', state: 'RUNNING' }],
  });
  expect(blockers.map(({ change, effect }) => [change.kind, effect])).toEqual([
    ['APPROVE', { kind: 'STATE', state: 'QUEUED' }],
    ['FINISH_TASKS', { kind: 'STATE', state: 'QUEUED' }],
  ]);
  expect(text).toContain(
    'A person has to approve it: it is dear. If nobody says anything until 2026-01-01T01:00:00Z it is rejected.',
  );
  const failed = setup(taskIn('AWAITING_APPROVAL'), { upstreams: [{ taskId: 't0', state: 'FAILED' }] });
  expect(failed.blockers).toMatchObject([{ effect: { state: 'SKIPPED' } }]);
});

test('a rejected task names the policy and its version', () => {
  const decision = {
    ...{ kind: 'APPROVAL' as const, policyId: 'budget', version: 3, input: {} as never },
    ...{ output: { accepted: false, reason: 'too dear' }, failure: null, message: '', tookMs: 1, time: NOW },
  };
  const task = taskIn('REJECTED', { finishTime: NOW, reason: 'too dear' });
  expect(setup(task, { decisions: [decision] }).text).toBe(
    'It was rejected at 2026-01-01T00:00:00Z by policy budget in version 3: too dear.',
  );
});

test('a task that nobody decided in time says so, in words only', () => {
  const decision = {
    ...{ kind: 'APPROVAL' as const, policyId: 'budget', version: 3, input: {} as never },
    ...{ output: { needs_human: true }, failure: null, message: '', tookMs: 1, time: NOW },
  };
  const task = taskIn('REJECTED', { finishTime: NOW, reason: 'APPROVAL_DUE' });
  expect(setup(task, { decisions: [decision] }).text).toBe(
    'It was rejected at 2026-01-01T00:00:00Z, as nobody had decided in time.',
  );
});

test.each([
  [{ strategy: 'RANDOM', free: 3 }, 'RANDOM chose it by chance, among 3 that were free.'],
  [
    { strategy: 'ROUND_ROBIN', cost: 4, free: 1 },
    'It was the only one of those that may get it that was free (ROUND_ROBIN).',
  ],
  [{ strategy: 'STATIC', free: 1 }, 'It is the one that its organisation or its submitter named.'],
  [
    {
      strategy: 'LEAST_CONNECTIONS',
      cost: 0.5,
      runner_up: 'b',
      runner_up_cost: 0.5,
      tie: 'ID' as const,
      free: 2,
    },
    'LEAST_CONNECTIONS chose it before b: load, 0.5 both, and its id is the lower one; 2 were free.',
  ],
])('a choice in words: %j', (selection, words) => {
  expect(whyChosen({ ...selection, agentId: 'a', measure: 'load', time: NOW })).toBe(words);
});

test.each([
  ['AGENT_GONE: a', 'attempt 1. It had returned to selection: AGENT_GONE: a. It was the only one of those'],
  ['PLANNED', 'attempt 1. It was the only one of those'],
])('a task that was routed before says what came of it: %s', (reason, words) => {
  const event: Omit<TaskEvent, 'seq' | 'type' | 'epoch'> = {
    taskId: 't1',
    state: 'QUEUED',
    eventTime: NOW,
    attempt: 0,
    series: 0,
    agentId: null,
    actorSubjectId: '',
    reason: '',
    detail: {},
  };
  const events: readonly TaskEvent[] = [
    { ...event, seq: 2, type: 'ROUTED', epoch: 0, reason },
    {
      ...{ ...event, seq: 3, type: 'CLAIMED', epoch: 1, agentId: 'b' },
      detail: { strategy: 'LEAST_CONNECTIONS', cost: 0, free: 1 },
    },
  ];
  const task = taskIn('SUCCEEDED', { agentId: 'b', attempt: 1, epoch: 1, finishTime: NOW });
  expect(setup(task, { events }).text).toContain(words);
});

test('the interval of a gamma variable: an exponential one, and a narrow one', () => {
  const [low, high] = gammaInterval(100, 100 ** 2);
  expect(low).toBeCloseTo(10.5, -1);
  expect(high).toBeCloseTo(230, -1);
  const [first, last] = gammaInterval(100, 25);
  expect(first).toBeCloseTo(93.6, 0);
  expect(last).toBeCloseTo(106.4, 0);
});
