/**
 * The life of a task, as one table. Everything that changes a task's state asks here, the
 * record's CHECK constraints agree with it (a test compares them), and ARCHITECTURE.md
 * shows it. Rows whose event no verb raises yet are part of the contract all the same.
 */

export const TASK_STATES = [
  'AWAITING_APPROVAL',
  'BLOCKED',
  'SCHEDULED',
  'QUEUED',
  'ASSIGNED',
  'RUNNING',
  'PREEMPTING',
  'INPUT_REQUIRED',
  'CANCELLING',
  'SUCCEEDED',
  'FAILED',
  'DEAD_LETTER',
  'CANCELLED',
  'TIMED_OUT',
  'SKIPPED',
  'REJECTED',
] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** States that a task leaves only by RetryTask, if at all. */
export const TERMINAL_STATES = [
  'SUCCEEDED',
  'FAILED',
  'DEAD_LETTER',
  'CANCELLED',
  'TIMED_OUT',
  'SKIPPED',
  'REJECTED',
] as const satisfies readonly TaskState[];

/** States in which an agent holds a lease on the task. */
export const LEASED_STATES = [
  'ASSIGNED',
  'RUNNING',
  'PREEMPTING',
  'CANCELLING',
] as const satisfies readonly TaskState[];

/** States in which a task waits, for an agent or for something else. */
export const WAITING_STATES = [
  'AWAITING_APPROVAL',
  'BLOCKED',
  'SCHEDULED',
  'QUEUED',
  'INPUT_REQUIRED',
] as const satisfies readonly TaskState[];

/** What can happen to a task; the types of its audit events. */
export type TaskEventType =
  | 'SUBMITTED'
  | 'APPROVED'
  | 'REJECTED'
  | 'BLOCKED'
  | 'UNBLOCKED'
  | 'SKIPPED'
  | 'URGENCY_INHERITED'
  | 'UPDATED'
  | 'QUEUED'
  | 'CLAIMED'
  | 'ACCEPTED'
  | 'RETURNED'
  | 'SUCCEEDED'
  | 'FAILED'
  | 'LEASE_EXPIRED'
  | 'ATTEMPT_TIMED_OUT'
  | 'PREEMPTION_BEGUN'
  | 'PREEMPTED'
  | 'INPUT_ASKED'
  | 'INPUT_PROVIDED'
  | 'CANCEL_REQUESTED'
  | 'CANCELLED'
  | 'DEADLINE_PASSED'
  | 'RETRIED'
  | 'ROUTED';

export interface Transition {
  readonly event: TaskEventType;
  /** `null`: the task does not exist yet. */
  readonly from: readonly TaskState[] | null;
  /** `null`: it stays in its state. */
  readonly to: readonly TaskState[] | null;
}

const RETRY_OR_END = ['SCHEDULED', 'FAILED', 'DEAD_LETTER'] as const;
const OPEN = TASK_STATES.filter((s) => !(TERMINAL_STATES as readonly TaskState[]).includes(s));

export const TRANSITIONS: readonly Transition[] = [
  {
    event: 'SUBMITTED',
    from: null,
    to: ['AWAITING_APPROVAL', 'BLOCKED', 'SCHEDULED', 'QUEUED', 'ASSIGNED', 'SKIPPED', 'REJECTED'],
  },
  { event: 'APPROVED', from: ['AWAITING_APPROVAL'], to: ['BLOCKED', 'SCHEDULED', 'QUEUED'] },
  { event: 'REJECTED', from: ['AWAITING_APPROVAL'], to: ['REJECTED'] },
  { event: 'UNBLOCKED', from: ['BLOCKED'], to: ['SCHEDULED', 'QUEUED'] },
  { event: 'SKIPPED', from: ['BLOCKED', 'QUEUED'], to: ['SKIPPED'] },
  { event: 'BLOCKED', from: ['SKIPPED'], to: ['BLOCKED'] },
  { event: 'URGENCY_INHERITED', from: WAITING_STATES, to: null },
  { event: 'UPDATED', from: WAITING_STATES, to: WAITING_STATES },
  { event: 'QUEUED', from: ['SCHEDULED'], to: ['QUEUED'] },
  { event: 'ROUTED', from: ['QUEUED'], to: null },
  { event: 'CLAIMED', from: ['QUEUED'], to: ['ASSIGNED'] },
  { event: 'ACCEPTED', from: ['ASSIGNED'], to: ['RUNNING'] },
  { event: 'RETURNED', from: ['ASSIGNED'], to: ['QUEUED', 'DEAD_LETTER'] },
  { event: 'SUCCEEDED', from: ['ASSIGNED', 'RUNNING', 'PREEMPTING', 'CANCELLING'], to: ['SUCCEEDED'] },
  { event: 'FAILED', from: ['ASSIGNED', 'RUNNING', 'PREEMPTING'], to: RETRY_OR_END },
  { event: 'LEASE_EXPIRED', from: ['RUNNING'], to: ['SCHEDULED', 'DEAD_LETTER'] },
  { event: 'ATTEMPT_TIMED_OUT', from: ['RUNNING', 'PREEMPTING'], to: ['SCHEDULED', 'DEAD_LETTER'] },
  { event: 'PREEMPTION_BEGUN', from: ['RUNNING'], to: ['PREEMPTING'] },
  { event: 'PREEMPTED', from: ['PREEMPTING'], to: ['QUEUED'] },
  { event: 'INPUT_ASKED', from: ['RUNNING'], to: ['INPUT_REQUIRED'] },
  { event: 'INPUT_PROVIDED', from: ['INPUT_REQUIRED'], to: ['QUEUED'] },
  { event: 'CANCEL_REQUESTED', from: ['ASSIGNED', 'RUNNING', 'PREEMPTING'], to: ['CANCELLING'] },
  { event: 'CANCELLED', from: [...WAITING_STATES, 'CANCELLING'], to: ['CANCELLED'] },
  { event: 'DEADLINE_PASSED', from: OPEN, to: ['TIMED_OUT'] },
  {
    event: 'RETRIED',
    from: ['FAILED', 'DEAD_LETTER', 'TIMED_OUT', 'CANCELLED'],
    to: ['QUEUED', 'SCHEDULED', 'BLOCKED', 'AWAITING_APPROVAL'],
  },
];

const byEvent = new Map(TRANSITIONS.map((t) => [t.event, t]));

/** The states in which an event may happen to an existing task. */
export function statesThatAllow(event: TaskEventType): readonly TaskState[] {
  return byEvent.get(event)?.from ?? [];
}

/** Whether `event` may take a task from `from` (`null`: new) to `to`. */
export function isTransition(from: TaskState | null, event: TaskEventType, to: TaskState): boolean {
  const t = byEvent.get(event);
  if (!t || !(t.to ? t.to.includes(to) : from === to)) return false;
  return from === null ? t.from === null : (t.from?.includes(from) ?? false);
}

export function isTerminal(state: TaskState): boolean {
  return (TERMINAL_STATES as readonly TaskState[]).includes(state);
}

export function isLeased(state: TaskState): boolean {
  return (LEASED_STATES as readonly TaskState[]).includes(state);
}
