import fc from 'fast-check';
import type { NewDecision } from '../../src/domain/policies/decision.js';
import { policyTaskOf } from '../../src/domain/policies/policy-task.js';
import { questionOf } from '../../src/domain/policies/question.js';
import type { Admission, Verdict } from '../../src/domain/tasks/admission.js';
import { DEFAULT_RETRY } from '../../src/domain/tasks/retry.js';
import type { AttemptOutcome } from '../../src/domain/tasks/task.js';
import { statesThatAllow, WAITING_STATES } from '../../src/domain/tasks/task-state.js';
import { NO_TERMS } from '../../src/domain/tasks/terms.js';
import type { NewTask } from '../../src/ports/task-record.js';
import { plainRequirements, plainSpec } from '../support/plain-task.js';
import {
  agent,
  at,
  batch,
  CALLS,
  claim,
  claimOf,
  HOUR_MS,
  isIn,
  keyOf,
  placeOf,
  type Step,
  TASKS,
  task,
} from './differential-known.js';
import { resultOf } from './task-record-world.js';

// Either over at once or hours ahead, so that the time a test takes makes no difference.
const span = fc.constantFrom(0, HOUR_MS, HOUR_MS, 3 * HOUR_MS);
const reason = fc.constantFrom('', 'because');
const call = fc.constantFrom(null, null, ...CALLS);
const DECISION: NewDecision = {
  by: { kind: 'APPROVAL', policyId: 'p', version: 3 },
  question: questionOf({
    task: policyTaskOf({ taskId: 't', spec: plainSpec('a'), terms: NO_TERMS, createTime: 1 }),
    org: {},
    now: 1,
  }),
  output: { accepted: true, reason: null },
  failure: null,
  message: '',
  tookMs: 0.25,
};
const REQUIREMENTS = plainRequirements(['a'], { agentType: 'WORKER', minHealth: 0.5 });

/** What waits for what: mostly among the first few tasks, so that there are chains. */
type Named = { readonly on: number; readonly runAnyway: boolean };
const dependencies: fc.Arbitrary<Named[]> = fc.uniqueArray(
  fc.record({ on: fc.nat(TASKS - 1), runAnyway: fc.constantFrom(false, false, true) }),
  {
    maxLength: 3,
    selector: ({ on }) => on,
  },
);
const deadline = fc.constantFrom(null, null, null, -HOUR_MS, 3 * HOUR_MS);
const headStartMs = fc.constantFrom(0, 6 * HOUR_MS, 24 * HOUR_MS);

/** What a person is asked, due at once or hours ahead. */
const asked = fc.record({
  dueIn: fc.constantFrom(-HOUR_MS, HOUR_MS, 3 * HOUR_MS),
  defaultVerdict: fc.constantFrom<Verdict>('APPROVE', 'REJECT'),
});
const admission = fc.oneof(
  { weight: 6, arbitrary: fc.constant<'ACCEPTED'>('ACCEPTED') },
  { weight: 1, arbitrary: fc.constant<'REJECTED'>('REJECTED') },
  { weight: 3, arbitrary: asked },
);
function admissionOf(
  one: 'ACCEPTED' | 'REJECTED' | { dueIn: number; defaultVerdict: Verdict },
  now: number,
): Admission {
  if (one === 'ACCEPTED') return { kind: one };
  if (one === 'REJECTED') return { kind: one, reason: 'too dear' };
  const { dueIn, defaultVerdict } = one;
  const policy = { policyId: 'p', policyVersion: 3 };
  return { kind: 'AWAITING_APPROVAL', reason: 'ask', ...policy, dueTime: now + dueIn, defaultVerdict };
}

const submit = batch(
  'submit',
  fc.record({
    parent: fc.constantFrom(null, null, null, 0, 1, TASKS),
    request: fc.constantFrom(null, null, 'r1', 'r2'),
    hash: fc.constantFrom(1, 1, 1, 2),
    runIn: fc.constantFrom(null, null, -HOUR_MS, 2 * HOUR_MS),
    claim: fc.constantFrom(null, null, { agentId: 'agent-1', acceptWithinMs: HOUR_MS, requestId: 'call-1' }),
    attemptTimeoutMs: fc.constantFrom(null, 0, HOUR_MS),
    human: fc.boolean(),
    dependencies: fc.oneof(fc.constant<Named[]>([]), dependencies),
    unknown: fc.nat(9),
    deadline,
    headStartMs,
    admission,
    decides: fc.boolean(),
    broken: fc.constantFrom(false, false, false, false, true),
  }),
  (known, one): NewTask => {
    const createTime = known.now();
    const named = one.dependencies.flatMap(({ on, runAnyway }) => {
      // Of what is not there yet little is asked: few would be accepted.
      return known.ids[on] === undefined && one.unknown > 0 ? [] : [{ ...at(known, on), runAnyway }];
    });
    const waits = named.length > 0;
    // Where one is refused, the others go in statements of their own; those that urge others do not share a batch with it.
    const broken = one.broken && !waits;
    const claimed = waits || one.admission !== 'ACCEPTED' ? null : one.claim;
    // Which of two statements of one call comes first is not settled, so what is judged has names of its own.
    const statement = one.admission === 'ACCEPTED' ? 'accepted' : 'judged';
    const runTime = one.runIn === null || claimed ? null : createTime + one.runIn;
    return {
      org: known.org,
      taskId: known.newId(),
      spec: {
        kind: 'a',
        tier: 'HIGH',
        source: one.human ? 'HUMAN' : 'AGENT',
        labels: { l: broken ? 'NUL \0' : 'v' },
        goal: '',
        intent: '',
        submitterSubjectId: 'alice',
        jobSpaceId: '',
        parentTaskId: one.parent === null ? null : at(known, one.parent).taskId,
        requirements: REQUIREMENTS,
        retry: DEFAULT_RETRY,
        attemptTimeoutMs: one.attemptTimeoutMs,
        runAt: runTime,
        deadline: one.deadline === null ? null : createTime + one.deadline,
        dependencies: named.map(({ taskId, runAnyway }) => ({ taskId, runAnyway })),
        body: new Uint8Array([1, 2, 3]),
      },
      createTime,
      runTime,
      score: (runTime ?? createTime) - one.headStartMs,
      headStartMs: one.headStartMs,
      request: one.request && {
        requestId: `${one.request} ${statement}`,
        bodyHash: new Uint8Array(32).fill(one.hash),
      },
      actor: 'alice',
      claim: claimed,
      admission: admissionOf(one.admission, createTime),
      ...(one.decides && { decisions: [DECISION] }),
    };
  },
  (record, items) => record.submitTasks(items),
);

const claimTasks = batch(
  'claim',
  fc.record({ task, agentId: agent, acceptWithinMs: span, requestId: call }),
  (known, { task: n, ...rest }) => ({ ...keyOf(known, n, isIn('QUEUED')), ...rest }),
  (record, items) => record.claimTasks(items),
);

const leased = fc.record({ claim, leaseMs: span });
const accept = batch(
  'accept',
  leased,
  (known, one) => ({ ...claimOf(known, one.claim), leaseMs: one.leaseMs }),
  // Each task once: whether the refusal of a second one tells the state before or after the first is not settled.
  (record, items) => record.acceptTasks(distinct(items)),
);

function distinct<T extends { readonly taskId: string }>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [item.taskId, item])).values()];
}
const renew = batch(
  'renew',
  leased,
  (known, one) => ({ ...claimOf(known, one.claim), leaseMs: one.leaseMs }),
  (record, items) => record.renewLeases(items),
);

const giveBack = batch(
  'return',
  fc.record({ claim, anybody: fc.boolean(), to: fc.constantFrom('QUEUED', 'QUEUED', 'DEAD_LETTER'), reason }),
  (known, { claim: which, anybody, to, reason: why }) => {
    const mine = claimOf(known, which);
    return { ...mine, agentId: anybody ? null : mine.agentId, to, reason: why };
  },
  (record, items) => record.returnTasks(items),
);

const failedTo = fc.constantFrom('SCHEDULED', 'SCHEDULED', 'FAILED', 'DEAD_LETTER');
const settle = batch(
  'settle',
  fc.record({
    claim,
    outcome: fc.constantFrom<AttemptOutcome>('SUCCEEDED', 'SUCCEEDED', 'FAILED', 'CANCELLED'),
    resultId: fc.nat(1),
    to: failedTo,
    delayMs: span,
  }),
  (known, { claim: which, outcome, resultId, to, delayMs }) => ({
    ...claimOf(known, which),
    resultId: known.resultId(resultId),
    result: resultOf(outcome),
    afterFailure: { to, delayMs },
  }),
  (record, items) => record.settleTasks(items),
);

const expire = batch(
  'expire',
  fc.record({
    claim,
    cause: fc.constantFrom('LEASE_EXPIRED', 'LEASE_EXPIRED', 'ATTEMPT_TIMED_OUT'),
    to: fc.constantFrom('SCHEDULED', 'DEAD_LETTER'),
    delayMs: span,
    afterReturn: fc.constantFrom('QUEUED', 'QUEUED', 'DEAD_LETTER'),
  }),
  (known, { claim: which, cause, to, delayMs, afterReturn }) => {
    return { ...claimOf(known, which), cause, afterFailure: { to, delayMs }, afterReturn };
  },
  (record, items) => record.expireLeases(items),
);

const cancel = batch(
  'cancel',
  fc.record({ task, graceMs: span, reason }),
  (known, { task: n, ...rest }) => ({ ...keyOf(known, n), ...rest, actor: 'bob' }),
  (record, items) => record.cancelTasks(items),
);
const RETRIABLE = isIn(...statesThatAllow('RETRIED'));
const retry = batch(
  'retry',
  fc.record({ task, reason }),
  (known, one) => ({ ...keyOf(known, one.task, RETRIABLE), reason: one.reason, actor: 'bob' }),
  (record, items) => record.retryTasks(items),
);
const promote = batch(
  'promote',
  task,
  (known, n) => keyOf(known, n, isIn('SCHEDULED')),
  (record, items) => record.promoteTasks(items),
);

const timeOut = batch(
  'time out',
  task,
  (known, n) => keyOf(known, n, ({ spec }) => spec.deadline !== null),
  (record, items) => record.timeOutTasks(items),
);
const decide = batch(
  'decide',
  fc.record({
    task,
    verdict: fc.constantFrom<Verdict>('APPROVE', 'APPROVE', 'REJECT'),
    reason,
    approver: fc.constantFrom('dave', 'dave', null),
  }),
  (known, { task: n, ...rest }) => ({ ...keyOf(known, n, isIn('AWAITING_APPROVAL')), ...rest }),
  (record, items) => record.decideTasks(items),
);
const settleEdges = batch(
  'settle edges',
  task,
  (known, n) => keyOf(known, n),
  (record, items) => record.settleEdges(items),
);
const urgeUpstreams = batch(
  'urge upstreams',
  task,
  (known, n) => keyOf(known, n, isIn('BLOCKED')),
  (record, items) => record.urgeUpstreams(items),
);
const update = batch(
  'update',
  fc.record({
    task,
    seq: fc.constantFrom(0, 0, 0, 1, -1),
    runIn: fc.constantFrom(null, 0, 2 * HOUR_MS),
    reschedules: fc.boolean(),
    deadline,
    headStartMs,
  }),
  (known, one) => {
    const place = placeOf(known, one.task, isIn(...WAITING_STATES));
    const held = known.tasks[place];
    return {
      ...at(known, place),
      seq: (held?.seq ?? 0) + one.seq,
      tier: 'LOW' as const,
      headStartMs: one.headStartMs,
      labels: { l: 'other' },
      requirements: { ...REQUIREMENTS, region: 'eu' },
      runAt: one.runIn === null ? null : known.now() + one.runIn,
      reschedules: one.reschedules,
      deadline: one.deadline === null ? null : known.now() + one.deadline,
      body: new Uint8Array([4]),
      actor: 'carol',
      detail: { tier: 'LOW', run_at: null },
    };
  },
  (record, items) => record.updateTasks(items),
);

const aroundSeq = fc.constantFrom(0, 0, 0, 1, -1);
const route = batch(
  'route',
  fc.record({ task, seq: aroundSeq, to: fc.constantFrom(null, 'agent-1', 'nobody yet'), reason }),
  (known, one) => {
    const place = placeOf(known, one.task, isIn('QUEUED'));
    const held = known.tasks[place];
    const chosen = one.to === 'nobody yet' ? null : one.to;
    const epoch = held?.epoch ?? 0;
    const made = { by: 'PLAN_RETRIEVE', epoch, agentId: chosen, until: null, fallback: true } as const;
    return {
      ...at(known, place),
      seq: (held?.seq ?? 0) + one.seq,
      route: one.to === null ? null : made,
      reason: one.reason,
      decision: null,
    };
  },
  (record, items) => record.routeTasks(items),
);
const skip = batch(
  'skip',
  fc.record({ task, seq: aroundSeq }),
  (known, one) => {
    const place = placeOf(known, one.task, isIn('QUEUED', 'BLOCKED'));
    const seq = (known.tasks[place]?.seq ?? 0) + one.seq;
    return { ...at(known, place), seq, reason: 'VALIDATION_FAILED: no' };
  },
  (record, items) => record.skipTasks(items),
);

const elapse = fc.constant<Step>({
  name: 'two hours go by',
  bind: () => (_record, go) => go(2 * HOUR_MS),
});
const forget = fc.constant<Step>({
  name: 'forget the names of calls of an hour ago',
  bind: () => (record) => record.forgetLeaseRequests(HOUR_MS),
});

const begin = fc.array(submit, { minLength: 1, maxLength: 4, size: 'max' });
const goOn = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: submit },
    { weight: 7, arbitrary: claimTasks },
    { weight: 4, arbitrary: accept },
    { weight: 2, arbitrary: renew },
    { weight: 2, arbitrary: giveBack },
    { weight: 9, arbitrary: settle },
    { weight: 3, arbitrary: expire },
    { weight: 3, arbitrary: cancel },
    { weight: 4, arbitrary: retry },
    { weight: 4, arbitrary: promote },
    { weight: 3, arbitrary: timeOut },
    { weight: 2, arbitrary: update },
    { weight: 4, arbitrary: decide },
    { weight: 2, arbitrary: route },
    { weight: 1, arbitrary: skip },
    { weight: 3, arbitrary: settleEdges },
    { weight: 3, arbitrary: urgeUpstreams },
    { weight: 2, arbitrary: elapse },
    { weight: 1, arbitrary: forget },
  ),
  { minLength: 10, maxLength: 30, size: 'max' },
);

export const steps = fc.tuple(begin, goOn).map((parts) => parts.flat());
