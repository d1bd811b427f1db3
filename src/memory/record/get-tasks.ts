import type { Task } from '../../domain/tasks/task.js';
import type { TaskView } from '../../ports/task-record.js';
import type { TaskRow } from './rows.js';
import { findTask, keyOf, type Tables } from './tables.js';

const NO_BODY = new Uint8Array();

export function getTasks(
  tables: Tables,
  org: string,
  ids: readonly string[],
  view: TaskView,
): (Task | null)[] {
  return ids.map((taskId) => {
    const row = findTask(tables, { org, taskId });
    return row ? taskOf(tables, row, view) : null;
  });
}

export function taskOf(tables: Tables, row: TaskRow, view: TaskView): Task {
  const { spec } = row;
  return {
    org: row.org,
    taskId: row.taskId,
    state: row.state,
    tier: spec.tier,
    score: row.score,
    epoch: row.epoch,
    series: row.series,
    attempt: row.attempt,
    deliveries: row.deliveries,
    preemptions: row.preemptions,
    agentId: row.agentId,
    reason: row.reason,
    pending: row.pending,
    seq: row.seq,
    createTime: row.createTime,
    runnableTime: row.runnableTime,
    runTime: row.runTime,
    startTime: row.startTime,
    finishTime: row.finishTime,
    spec: view === 'FULL' ? spec : { ...spec, body: NO_BODY },
    workflow: row.workflow,
    hasCheckpoint: tables.checkpoints.has(keyOf(row.org, row.taskId)),
    result: newestResult(tables, row, view),
  };
}

function newestResult(
  tables: Tables,
  { org, taskId, epoch: newest }: TaskRow,
  view: TaskView,
): Task['result'] {
  for (let epoch = newest; epoch > 0; epoch--) {
    const row = tables.results.get(keyOf(org, taskId, epoch));
    if (!row) continue;
    const { result, createTime } = row;
    return { ...result, output: view === 'BASIC' ? null : result.output, epoch, createTime };
  }
  return null;
}
