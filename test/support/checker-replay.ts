import { type RecordedEvent, type RecordedTask, TERMINAL, type Violation } from './checker-record.js';

/** A task as its audit trail tells it. */
interface Row {
  readonly state: string;
  readonly epoch: number;
  readonly attempt: number;
  readonly series: number;
  readonly deliveries: number;
  readonly agentId: string | null;
}

/** One rule: from which states, and what becomes of the row. Written from the design, not from the product. */
interface Rule {
  readonly from: readonly string[];
  readonly to: (row: Row, event: RecordedEvent, maxAttempts: number) => Partial<Row> & { state: string };
}

const attemptEnds: Rule['to'] = (row, _event, max) => ({
  state: row.attempt < max ? 'SCHEDULED' : 'DEAD_LETTER',
});

const RULES: Readonly<Record<string, Rule>> = {
  QUEUED: { from: ['SCHEDULED'], to: () => ({ state: 'QUEUED' }) },
  CLAIMED: {
    from: ['QUEUED'],
    to: (row, event) => ({
      state: 'ASSIGNED',
      epoch: row.epoch + 1,
      attempt: row.attempt + 1,
      deliveries: row.deliveries + 1,
      agentId: event.agentId,
    }),
  },
  ACCEPTED: { from: ['ASSIGNED'], to: () => ({ state: 'RUNNING' }) },
  RETURNED: {
    from: ['ASSIGNED'],
    to: (row, _event, max) => ({
      state: row.deliveries < 3 * max ? 'QUEUED' : 'DEAD_LETTER',
      attempt: row.attempt - 1,
    }),
  },
  SUCCEEDED: {
    from: ['ASSIGNED', 'RUNNING', 'PREEMPTING', 'CANCELLING'],
    to: () => ({ state: 'SUCCEEDED' }),
  },
  FAILED: {
    from: ['ASSIGNED', 'RUNNING', 'PREEMPTING'],
    // Whether the failure is retryable only the agent knows; the trail says it by FAILED.
    to: (row, event, max) => (event.state === 'FAILED' ? { state: 'FAILED' } : attemptEnds(row, event, max)),
  },
  LEASE_EXPIRED: { from: ['RUNNING'], to: attemptEnds },
  ATTEMPT_TIMED_OUT: { from: ['RUNNING', 'PREEMPTING'], to: attemptEnds },
  PREEMPTION_BEGUN: { from: ['RUNNING'], to: () => ({ state: 'PREEMPTING' }) },
  PREEMPTED: {
    from: ['PREEMPTING'],
    // Neither an attempt nor a delivery is charged.
    to: (row) => ({ state: 'QUEUED', attempt: row.attempt - 1, deliveries: row.deliveries - 1 }),
  },
  CANCEL_REQUESTED: { from: ['ASSIGNED', 'RUNNING', 'PREEMPTING'], to: () => ({ state: 'CANCELLING' }) },
  CANCELLED: {
    from: ['AWAITING_APPROVAL', 'BLOCKED', 'SCHEDULED', 'QUEUED', 'CANCELLING'],
    to: () => ({ state: 'CANCELLED' }),
  },
  APPROVED: {
    from: ['AWAITING_APPROVAL'],
    // What it waits for besides, the trail alone says.
    to: (_row, event) => ({
      state: event.state === 'BLOCKED' || event.state === 'SCHEDULED' ? event.state : 'QUEUED',
    }),
  },
  REJECTED: { from: ['AWAITING_APPROVAL'], to: () => ({ state: 'REJECTED' }) },
  UNBLOCKED: {
    from: ['BLOCKED'],
    to: (_row, event) => ({ state: event.state === 'SCHEDULED' ? 'SCHEDULED' : 'QUEUED' }),
  },
  SKIPPED: { from: ['BLOCKED', 'QUEUED'], to: () => ({ state: 'SKIPPED' }) },
  BLOCKED: { from: ['SKIPPED'], to: () => ({ state: 'BLOCKED' }) },
  URGENCY_INHERITED: {
    from: ['AWAITING_APPROVAL', 'BLOCKED', 'SCHEDULED', 'QUEUED'],
    to: (row) => ({ state: row.state }),
  },
  ROUTED: { from: ['QUEUED'], to: (row) => ({ state: row.state }) },
  UPDATED: {
    from: ['AWAITING_APPROVAL', 'BLOCKED', 'SCHEDULED', 'QUEUED'],
    // A wish to run at another time moves a task between these two; the trail alone says it.
    to: (row, event) => ({
      state: moves(row.state) && moves(event.state) ? event.state : row.state,
    }),
  },
  DEADLINE_PASSED: {
    from: [
      ...['AWAITING_APPROVAL', 'BLOCKED', 'SCHEDULED', 'QUEUED'],
      ...['ASSIGNED', 'RUNNING', 'PREEMPTING', 'CANCELLING'],
    ],
    to: () => ({ state: 'TIMED_OUT' }),
  },
  RETRIED: {
    from: ['FAILED', 'DEAD_LETTER', 'TIMED_OUT', 'CANCELLED'],
    to: (row, event) => ({
      // Whether it waits for a person, for others or for its time, the trail alone says.
      state: WAITS.includes(event.state) ? event.state : 'QUEUED',
      series: row.series + 1,
      attempt: 0,
      deliveries: 0,
    }),
  },
};

const WAITS: readonly string[] = ['AWAITING_APPROVAL', 'BLOCKED', 'SCHEDULED'];
const BEGINS: readonly string[] = [...WAITS, 'SKIPPED', 'REJECTED'];

/** Whether a wish to run at another time may have brought it there, or away from there. */
function moves(state: string): boolean {
  return state === 'SCHEDULED' || state === 'QUEUED';
}

const BEGIN: Row = { state: 'QUEUED', epoch: 0, attempt: 0, series: 0, deliveries: 0, agentId: null };
const REPLAYED = ['state', 'epoch', 'attempt', 'series', 'agentId'] as const;

/**
 * Replays one task's trail: gapless and equal to the row (I10), at most one end a series and
 * none undone (I3), epochs only rise and each belongs to one agent (I4), nothing after
 * CANCELLED but a retry (I7), attempts within bounds (I13). Stops at the first step that
 * cannot be.
 *
 * @param events of this task, by `seq`
 */
export function replayTask(
  task: RecordedTask,
  events: readonly RecordedEvent[],
  maxAttempts: number,
): Violation[] {
  const say = (invariant: Violation['invariant'], message: string): Violation[] => [
    { invariant, taskId: task.taskId, message },
  ];
  let row = BEGIN;
  for (const [index, event] of events.entries()) {
    if (event.seq !== index + 1) return say('I10', `event ${index + 1} of the trail has seq ${event.seq}`);
    if (index === 0) {
      if (event.type !== 'SUBMITTED') return say('I10', `the trail begins with ${event.type}`);
      // Which of them is the submitter's wish: the trail alone says it.
      if (BEGINS.includes(event.state)) row = { ...BEGIN, state: event.state };
    } else {
      const rule = RULES[event.type];
      if (!rule) return say('I10', `seq ${event.seq}: no rule for ${event.type}`);
      if (!rule.from.includes(row.state)) {
        return say(invariantOf(row, event), `seq ${event.seq}: ${event.type} in state ${row.state}`);
      }
      if (event.type !== 'CLAIMED' && event.epoch !== row.epoch) {
        return say('I4', `seq ${event.seq}: ${event.type} of epoch ${event.epoch} at epoch ${row.epoch}`);
      }
      if (isReport(event) && event.agentId !== row.agentId) {
        return say('I4', `seq ${event.seq}: ${event.type} by ${event.agentId}, held by ${row.agentId}`);
      }
      row = { ...row, ...rule.to(row, event, maxAttempts) };
    }
    if (row.attempt > maxAttempts)
      return say('I13', `seq ${event.seq}: attempt ${row.attempt} of ${maxAttempts}`);
    for (const field of ['state', 'epoch', 'attempt', 'series'] as const) {
      if (event[field] !== row[field]) {
        const invariant = field === 'epoch' ? 'I4' : endOf(event) !== endOf(row) ? 'I13' : 'I10';
        return say(
          invariant,
          `seq ${event.seq}: ${event.type} leads to ${field} ${event[field]}, it should be ${row[field]}`,
        );
      }
    }
  }
  if (events.length === 0) return say('I10', 'the trail is empty');
  return REPLAYED.filter((field) => row[field] !== task[field]).flatMap((field) =>
    say('I10', `the trail leads to ${field} ${row[field]}, the row has ${task[field]}`),
  );
}

/** Which promise is broken by an event that cannot happen in the row's state. */
function invariantOf(row: Row, event: RecordedEvent): Violation['invariant'] {
  if (row.state === 'CANCELLED') return 'I7';
  if (TERMINAL.has(row.state)) return 'I3';
  return event.epoch < row.epoch || event.type === 'CLAIMED' ? 'I4' : 'I10';
}

function endOf(at: { readonly state: string }): boolean {
  return at.state === 'DEAD_LETTER';
}

/** Events that the agent holding the lease caused. */
function isReport(event: RecordedEvent): boolean {
  return ['ACCEPTED', 'SUCCEEDED', 'FAILED'].includes(event.type);
}
