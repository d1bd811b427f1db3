import { checkDependencies } from './checker-dependencies.js';
import {
  checkCancels,
  checkFencing,
  checkResults,
  checkSubmissions,
  checkWaits,
  pairUp,
} from './checker-history.js';
import type { RecordedTask, RecordSnapshot, Violation } from './checker-record.js';
import { replayTask } from './checker-replay.js';
import { checkTables } from './checker-tables.js';
import { checkWorkflows } from './checker-workflows.js';
import type { HistoryEntry } from './history.js';
import { WORKFLOW_TASK_ATTEMPTS } from './workflow-jobs.js';

const DEFAULT_MAX_ATTEMPTS = 3;

/**
 * Compares what clients and agents saw with the record, once faults have stopped and the
 * system is quiet. Every violation of I1, I2, I3, I4, I5, I6, I7, I10, I13 and W; empty is good.
 */
export function check(history: readonly HistoryEntry[], record: RecordSnapshot): Violation[] {
  const deeds = pairUp(history);
  const submits = deeds.get('submit') ?? [];
  const events = groupBy(record.events, (event) => event.taskId);
  for (const list of events.values()) list.sort((a, b) => a.seq - b.seq);
  const world = {
    tasks: new Map(record.tasks.map((task) => [task.taskId, task])),
    byRequest: groupBy(
      record.tasks.filter((task) => task.requestId !== null),
      (task) => task.requestId ?? '',
    ),
    events,
  };
  const maxAttempts = new Map(submits.map(({ invoke }) => [invoke.requestId, invoke.maxAttempts]));
  const found: Violation[] = [];
  for (const task of record.tasks) {
    const max = maxAttempts.get(task.requestId ?? '') ?? attemptsOf(task);
    found.push(...replayTask(task, events.get(task.taskId) ?? [], max));
    found.push(...checkOutput(task.taskId, task.output, events.get(task.taskId) ?? []));
  }
  for (const taskId of events.keys()) {
    if (!world.tasks.has(taskId)) found.push({ invariant: 'I10', taskId, message: 'a trail without a task' });
  }
  found.push(...checkSubmissions(submits, world));
  found.push(...checkResults(deeds.get('result') ?? [], world));
  found.push(...checkTables(record, deeds.get('result') ?? []));
  found.push(...checkDependencies(record, events));
  found.push(...checkFencing(deeds));
  found.push(...checkCancels(deeds, world));
  found.push(...checkWaits(deeds, world));
  found.push(...checkWorkflows(deeds, record));
  return found;
}

/** I3: agents of these tests put their epoch into the output; it is that of the accepted result. */
function checkOutput(taskId: string, output: unknown, events: RecordSnapshot['events']): Violation[] {
  if (typeof output !== 'object' || output === null || !('epoch' in output)) return [];
  const success = events.findLast((event) => event.type === 'SUCCEEDED');
  if (!success || success.epoch === output.epoch) return [];
  const message = `the output is of epoch ${output.epoch}, the success of epoch ${success.epoch}`;
  return [{ invariant: 'I3', taskId, message }];
}

function attemptsOf({ workflowId }: RecordedTask): number {
  return workflowId === undefined ? DEFAULT_MAX_ATTEMPTS : WORKFLOW_TASK_ATTEMPTS;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
