import { statesThatAllow } from '../../domain/tasks/task-state.js';
import type { UpdateOutcome, UpdateRequest } from '../../ports/task-record.js';
import type { TaskRow } from './rows.js';
import { unstorable } from './storable.js';
import type { Tables } from './tables.js';
import { changedOf, textOf, transition } from './transition.js';
import { onTasks, refused } from './verb.js';

/** Throws if one of the requests cannot be stored, after the others have been. */
export function updateTasks(
  tables: Tables,
  requests: readonly UpdateRequest[],
  now: number,
): UpdateOutcome[] {
  const why = requests.map((request) => unstorable(request));
  const storable = requests.filter((_, i) => why[i] === null);
  const outcomes = onTasks(tables, storable, now, (row, request, _now, dependents): UpdateOutcome => {
    if (!statesThatAllow('UPDATED').includes(row.state)) return refused(row);
    if (row.seq !== request.seq) return { kind: 'CHANGED_SINCE' };
    const { actor, detail } = request;
    const patch = { ...placeOf(row, request, now), ...specOf(row, request) };
    const { score, runTime } = patch;
    const told = { ...detail, score, run_time: runTime === null ? null : textOf(runTime) };
    const known = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null));
    transition(row, now, 'UPDATED', patch, { actor, detail: known });
    return changedOf(row, dependents);
  });
  const reason = why.find((one) => one !== null);
  if (reason) throw new Error(reason);
  return outcomes;
}

/** Where and when it is to run. */
function placeOf(row: TaskRow, { headStartMs, runAt, reschedules }: UpdateRequest, now: number) {
  const moves = reschedules && (row.state === 'SCHEDULED' || row.state === 'QUEUED');
  const later = runAt !== null && runAt > now ? runAt : null;
  const state = moves ? (later === null ? 'QUEUED' : 'SCHEDULED') : row.state;
  const runTime = state === 'SCHEDULED' ? (moves ? later : row.runTime) : null;
  const runnableTime = row.runnableTime ?? (state === 'QUEUED' ? now : null);
  // From when it was or will be runnable; while it is blocked, from its submission.
  const from = runnableTime ?? runTime ?? row.createTime;
  const score = Math.min(from - headStartMs, row.inheritedScore ?? Infinity);
  return { state, runTime, runnableTime, headStartMs, score } as const;
}

function specOf({ spec }: TaskRow, request: UpdateRequest): Pick<TaskRow, 'spec'> {
  const { tier, labels, requirements, runAt, deadline, body } = request;
  return { spec: { ...spec, tier, labels, requirements, runAt, deadline, body } };
}
