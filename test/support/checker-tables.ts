import type { Deed } from './checker-history.js';
import type { RecordedTask, RecordSnapshot, Violation } from './checker-record.js';

/** I2 and I3 by the tables that only SQL sees: one task a request id, one result a claim, one success a series. */
export function checkTables(record: RecordSnapshot, results: readonly Deed[]): Violation[] {
  const found: Violation[] = [];
  const say = (invariant: 'I2' | 'I3', taskId: string, message: string) =>
    found.push({ invariant, taskId, message });

  if (record.requests) {
    const names = new Map(record.requests.map(({ requestId, taskId }) => [requestId, taskId]));
    for (const task of record.tasks) {
      const { taskId } = task;
      const requestId = requestOf(task);
      if (requestId !== null && names.get(requestId) !== taskId) {
        say('I2', taskId, `request ${requestId} names ${names.get(requestId) ?? 'nothing'} in the record`);
      }
      names.delete(requestId ?? '');
    }
    for (const [requestId, taskId] of names)
      say('I2', taskId, `request ${requestId} names no task of the record`);
  }

  if (record.results) {
    const byClaim = new Map<string, string>();
    const succeeded = new Set<string>();
    for (const { taskId, epoch, series, resultId, outcome } of record.results) {
      if (byClaim.has(`${taskId} ${epoch}`)) say('I3', taskId, `two results of epoch ${epoch}`);
      byClaim.set(`${taskId} ${epoch}`, resultId);
      if (outcome !== 'SUCCEEDED') continue;
      if (succeeded.has(`${taskId} ${series}`)) say('I3', taskId, `two successes in series ${series}`);
      succeeded.add(`${taskId} ${series}`);
    }
    for (const { invoke, end } of results) {
      const { taskId = '', epoch = 0, resultId } = invoke;
      if (end?.type === 'ok' && byClaim.get(`${taskId} ${epoch}`) !== resultId) {
        say('I3', taskId, `the result of epoch ${epoch} that was acknowledged is not the one in the record`);
      }
    }
  }
  return found;
}

/** A task of a workflow has the name of its place. */
function requestOf({ requestId, workflowId, place }: RecordedTask): string | null {
  return place ? `wf:${workflowId}:${place.node}:${place.run}:${place.item}` : requestId;
}
