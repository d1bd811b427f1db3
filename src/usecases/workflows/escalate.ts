import type { JsonObject } from '../../domain/json.js';
import { Tally } from '../../domain/workflows/outputs/tally.js';
import { waitingReason } from '../../domain/workflows/reasons.js';
import { failedItems, failureSoFar, type Looking } from './failed-items.js';
import { settledItem } from './settled-items.js';

/** Failed tasks that the trail names. */
const MAX_NAMED = 100;

/** A node waits for a person: says why, which tasks are to be retried, and how. */
export async function escalate(turn: Looking, node: number): Promise<void> {
  const { copy } = turn;
  const why = (await failureSoFar(turn, node)) || 'TASK_FAILED';
  const { taskIds, failures } = await firstFailed(turn, node);
  const { failed } = copy.node(node);
  const reason = waitingReason(why, howToGoOn(taskIds, failed, copy.key.workflowId));
  copy.setNode(node, { state: 'ESCALATED', reason });
  copy.say('ESCALATED', { node, nodeState: 'ESCALATED', reason, detail: { failed, failures } });
}

function howToGoOn([first, second]: readonly string[], failed: number, workflowId: string): string {
  if (first === undefined) return 'a person has retried what failed';
  if (second === undefined) return `task ${first} is retried: reeve task retry ${first}`;
  const tasks = `task ${first} and ${failed - 1} more`;
  return `${tasks} are retried: reeve task retry --workflow ${workflowId}`;
}

/** As gathering tells of them: `[{sequence_num, identifier, task_id, state, reason}]`. */
async function firstFailed(turn: Looking, node: number) {
  const { failed, total } = turn.copy.node(node);
  const tally = new Tally(total);
  const taskIds: string[] = [];
  for await (const item of failedItems(turn, node)) {
    tally.add(settledItem(item, undefined));
    taskIds.push(item.taskId);
    if (taskIds.length === Math.min(failed, MAX_NAMED)) break;
  }
  const failures: JsonObject['failures'] = [...tally.failures];
  return { taskIds, failures };
}
