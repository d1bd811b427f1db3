import { check } from './checker.js';
import type { RecordedEvent, RecordedTask, RecordSnapshot } from './checker-record.js';
import type { HistoryEntry, HistoryFields, Verb } from './history.js';

/** A clean world of one task that ran twice and succeeded, to plant violations in. */
export function setup() {
  const task: RecordedTask = {
    taskId: 't1',
    state: 'SUCCEEDED',
    epoch: 2,
    attempt: 2,
    series: 0,
    agentId: 'b',
    requestId: 'r1',
    body: '{"n":1}',
    output: { epoch: 2 },
  };
  const events = trail('t1', [
    ['SUBMITTED', 'QUEUED', 0, 0, null],
    ['CLAIMED', 'ASSIGNED', 1, 1, 'a'],
    ['ACCEPTED', 'RUNNING', 1, 1, 'a'],
    ['LEASE_EXPIRED', 'SCHEDULED', 1, 1, 'a'],
    ['QUEUED', 'QUEUED', 1, 1, null],
    ['CLAIMED', 'ASSIGNED', 2, 2, 'b'],
    ['ACCEPTED', 'RUNNING', 2, 2, 'b'],
    ['SUCCEEDED', 'SUCCEEDED', 2, 2, 'b'],
  ]);
  const history = [
    ...deed('submit', { requestId: 'r1', body: '{"n":1}' }, 'ok', { taskId: 't1' }),
    ...deed('assigned', { taskId: 't1', epoch: 1 }, 'ok', {}, 'a'),
    ...deed('assigned', { taskId: 't1', epoch: 2 }, 'ok', {}, 'b'),
    ...deed('result', { taskId: 't1', epoch: 2, resultId: 'x', outcome: 'SUCCEEDED' }, 'ok', {}, 'b'),
    ...deed('result', { taskId: 't1', epoch: 1, resultId: 'y', outcome: 'SUCCEEDED' }, 'fail', STALE, 'a'),
  ];
  return { task, events, history };
}

export const STALE = { verdict: 'LEASE_SUPERSEDED' };

export type Step = [
  type: string,
  state: string,
  epoch: number,
  attempt: number,
  agentId: string | null,
  series?: number,
];

export function trail(taskId: string, steps: readonly Step[]): RecordedEvent[] {
  return steps.map(([type, state, epoch, attempt, agentId, series = 0], i) => ({
    taskId,
    seq: i + 1,
    type,
    state,
    epoch,
    attempt,
    series,
    agentId,
  }));
}

let clock = 0;
export function deed(
  verb: Verb,
  fields: HistoryFields,
  type: 'ok' | 'fail' | 'unknown',
  more: HistoryFields,
  by = 'client',
): HistoryEntry[] {
  const op = ++clock;
  const entry = (what: HistoryEntry['type'], extra: HistoryFields): HistoryEntry => ({
    at: ++clock,
    by,
    op,
    verb,
    type: what,
    ...fields,
    ...extra,
  });
  return verb === 'assigned' ? [entry('ok', more)] : [entry('invoke', {}), entry(type, more)];
}

export function broken(history: readonly HistoryEntry[], record: RecordSnapshot): string[] {
  return [...new Set(check(history, record).map(({ invariant }) => invariant))];
}

export function stepsOf(events: readonly RecordedEvent[]): Step[] {
  return events.map((e): Step => [e.type, e.state, e.epoch, e.attempt, e.agentId, e.series]);
}
