import type { Lease } from '../../domain/tasks/lease.js';
import { bandOf } from '../../domain/tasks/source.js';
import type { NewTask, SubmitOutcome } from '../../ports/task-record.js';
import { claimRow } from './claim-tasks.js';
import type { TaskRow } from './rows.js';
import { unstorable } from './storable.js';
import { findTask, keyOf, type Tables } from './tables.js';
import { changeOf, eventOf, textOf } from './transition.js';

export function submitTasks(tables: Tables, tasks: readonly NewTask[], now: number): SubmitOutcome[] {
  // A parent has to be there before the call: the order of its items says nothing.
  const parentKnown = tasks.map(({ org, spec: { parentTaskId: taskId } }) => {
    return taskId === null || findTask(tables, { org, taskId }) !== undefined;
  });
  return tasks.map((task, i) => {
    const { labels, requirements, ...text } = task.spec;
    const why = unstorable({ ...task, spec: text });
    if (why !== null) return { kind: 'INVALID', message: why };
    return known(tables, task) ?? (parentKnown[i] ? submit(tables, task, now) : { kind: 'PARENT_NOT_FOUND' });
  });
}

/** The outcome of a submission whose name was seen before. */
function known(tables: Tables, { org, request }: NewTask): SubmitOutcome | null {
  const name = request && tables.requests.get(keyOf(org, request.requestId));
  if (!name) return null;
  const row = findTask(tables, name);
  const same = row && equal(name.bodyHash, request.bodyHash);
  return same
    ? { kind: 'ALREADY_SUBMITTED', change: changeOf(row) }
    : { kind: 'REQUEST_ID_REUSED', taskId: name.taskId };
}

function submit(tables: Tables, task: NewTask, now: number): SubmitOutcome {
  const { org, taskId, spec, createTime, runTime, score, request, actor, claim } = task;
  // What is written as JSON is looked at only when it is written.
  const why = unstorable([spec.labels, spec.requirements]);
  if (why !== null) return { kind: 'INVALID', message: why };
  const row: TaskRow = {
    org,
    taskId,
    spec,
    band: bandOf(spec.source),
    score,
    createTime,
    state: runTime === null ? 'QUEUED' : 'SCHEDULED',
    seq: 1,
    epoch: 0,
    series: 0,
    attempt: 0,
    deliveries: 0,
    agentId: null,
    reason: '',
    runnableTime: runTime === null ? createTime : null,
    runTime,
    startTime: null,
    finishTime: null,
    leaseExpiresAt: null,
    attemptDeadline: null,
    events: [],
  };
  const { tier, source, kind } = spec;
  const detail = { tier, source, kind, score, ...(runTime !== null && { run_time: textOf(runTime) }) };
  row.events.push(eventOf(row, now, 'SUBMITTED', { actor, detail }));
  let lease: Lease | null = null;
  if (claim) lease = claimRow(tables, row, { org, taskId, ...claim }, now);
  tables.tasks.set(keyOf(org, taskId), row);
  if (request) tables.requests.set(keyOf(org, request.requestId), { org, taskId, ...request });
  return { kind: 'SUBMITTED', change: changeOf(row), lease };
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
