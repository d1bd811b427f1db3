import fc from 'fast-check';
import type { AttemptOutcome } from '../../src/domain/tasks/task.js';
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
  TASKS,
  task,
} from './differential-known.js';
import { resultOf } from './task-record-world.js';

// Either over at once or hours ahead, so that the time a test takes makes no difference.
export const span = fc.constantFrom(0, HOUR_MS, HOUR_MS, 3 * HOUR_MS);
export const reason = fc.constantFrom('', 'because');
const call = fc.constantFrom(null, null, ...CALLS);

export const claimTasks = batch(
  'claim',
  fc.record({ task, agentId: agent, acceptWithinMs: span, requestId: call }),
  (known, { task: n, ...rest }) => ({ ...keyOf(known, n, isIn('QUEUED')), ...rest }),
  (record, items) => record.claimTasks(items),
);

const leased = fc.record({ claim, leaseMs: span });
export const accept = batch(
  'accept',
  leased,
  (known, one) => ({ ...claimOf(known, one.claim), leaseMs: one.leaseMs }),
  // Each task once: whether the refusal of a second one tells the state before or after the first is not settled.
  (record, items) => record.acceptTasks(distinct(items)),
);

function distinct<T extends { readonly taskId: string }>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [item.taskId, item])).values()];
}
export const renew = batch(
  'renew',
  leased,
  (known, one) => ({ ...claimOf(known, one.claim), leaseMs: one.leaseMs }),
  (record, items) => record.renewLeases(items),
);

export const giveBack = batch(
  'return',
  fc.record({ claim, anybody: fc.boolean(), to: fc.constantFrom('QUEUED', 'QUEUED', 'DEAD_LETTER'), reason }),
  (known, { claim: which, anybody, to, reason: why }) => {
    const mine = claimOf(known, which);
    return { ...mine, agentId: anybody ? null : mine.agentId, to, reason: why };
  },
  (record, items) => record.returnTasks(items),
);

const failedTo = fc.constantFrom('SCHEDULED', 'SCHEDULED', 'FAILED', 'DEAD_LETTER');
export const settle = batch(
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

export const leave = batch(
  'leave a checkpoint',
  fc.record({ claim, said: fc.nat(3) }),
  (known, { claim: which, said }) => {
    const payload = { mediaType: 'application/json', data: Uint8Array.of(said) };
    return { ...claimOf(known, which), payload };
  },
  (record, items) => record.saveCheckpoints(items),
);

export const preempt = batch(
  'preempt',
  fc.record({ task, epoch: fc.constantFrom(0, 0, 0, 0, -1), graceMs: span }),
  (known, { task: n, epoch, graceMs }) => {
    const place = placeOf(known, n, isIn('RUNNING'));
    const held = (known.tasks[place]?.epoch ?? 0) + epoch;
    return { ...at(known, place), epoch: held, graceMs, forTaskId: at(known, n % TASKS).taskId };
  },
  (record, items) => record.preemptTasks(items),
);

export const expire = batch(
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
