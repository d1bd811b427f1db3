import fc from 'fast-check';
import type { Verdict } from '../../src/domain/tasks/admission.js';
import { statesThatAllow, WAITING_STATES } from '../../src/domain/tasks/task-state.js';
import { at, batch, HOUR_MS, isIn, keyOf, placeOf, type Step, task } from './differential-known.js';
import {
  accept,
  claimTasks,
  expire,
  giveBack,
  leave,
  preempt,
  reason,
  renew,
  settle,
  span,
} from './differential-leases.js';
import { deadline, headStartMs, REQUIREMENTS, submit } from './differential-submit.js';

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

/** Everything but submissions. */
export const onTasks = [
  { weight: 7, arbitrary: claimTasks },
  { weight: 4, arbitrary: accept },
  { weight: 2, arbitrary: renew },
  { weight: 2, arbitrary: giveBack },
  { weight: 9, arbitrary: settle },
  { weight: 3, arbitrary: expire },
  { weight: 3, arbitrary: preempt },
  { weight: 2, arbitrary: leave },
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
];

const begin = fc.array(submit, { minLength: 1, maxLength: 4, size: 'max' });
const goOn = fc.array(fc.oneof({ weight: 5, arbitrary: submit }, ...onTasks), {
  minLength: 10,
  maxLength: 30,
  size: 'max',
});

export const steps = fc.tuple(begin, goOn).map((parts) => parts.flat());
