import { expect, test } from 'vitest';
import { gammaInterval } from '../../src/domain/explain/expected-start.js';
import type { LanePlace } from '../../src/domain/explain/lane-place.js';
import { whyChosen } from '../../src/domain/explain/selected.js';
import { spanText } from '../../src/domain/explain/words.js';
import type { TaskEvent } from '../../src/domain/tasks/task.js';
import { agentOf, NOW, setup, taskIn } from './support/explain.js';

const HOUR = 3_600_000;

/** First in a lane that nobody else has tasks in. */
function placeOf(score: number): LanePlace {
  return {
    ...{ score, band: 'OTHER', tier: 'NORMAL', holds: [], ahead: [], takers: new Set(['a']), avoid: null },
    ...{
      heldUntil: new Map(),
      strategy: 'LEAST_CONNECTIONS',
      measure: '',
      figures: new Map(),
      durations: null,
    },
    ...{ rehearse: () => null, holdsOf: () => [], wouldMeet: () => true },
  };
}

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
  [
    { strategy: 'AFFINITY', runner_up: 'b', free: 2 },
    'It did a task of the same affinity key lately, so it goes before b, which the strategy named; 2 were free.',
  ],
  [{ strategy: 'AFFINITY', free: 1 }, 'It did a task of the same affinity key lately; 1 was free.'],
])('a choice in words: %j', (selection, words) => {
  expect(whyChosen({ ...selection, agentId: 'a', measure: 'load', time: NOW }, [])).toBe(words);
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

test('a task that stands back says why, and by how long others can go first because of that and of their head start', () => {
  const score = NOW - 6 * HOUR + 2 * HOUR;
  const known = { expectedMs: HOUR / 4, durationTermMs: 2 * HOUR, agents: [agentOf('a')], connected: 1 };
  const { text, place } = setup(taskIn('QUEUED'), { ...known, place: placeOf(score) });
  expect(text).toContain(
    'It is number 1 in the order. Tasks of its kind are expected to take 15 min, which puts them back by 2 h.',
  );
  expect(place).toMatchObject({
    ...{ headStartMs: 4 * HOUR, expectedMs: HOUR / 4, durationTermMs: 2 * HOUR },
    overtakenAtMostMs: 44 * HOUR,
  });
  const unknown = setup(taskIn('QUEUED'), {
    ...known,
    expectedMs: null,
    durationTermMs: 0,
    place: placeOf(score),
  });
  expect(unknown.text).not.toContain('expected to take');
});

test.each([
  [0, '0 ms'],
  [340.4, '340 ms'],
  [40_000, '40 s'],
  [65_000, '1 min 5 s'],
  [3_599_600, '1 h'],
  [7_500_000, '2 h 5 min'],
])('%d ms are %s', (ms, words) => {
  expect(spanText(ms)).toBe(words);
});
