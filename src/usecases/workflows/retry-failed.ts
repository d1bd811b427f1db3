import { statesThatAllow } from '../../domain/tasks/task-state.js';
import { isNodeOver, type WorkflowNode } from '../../domain/workflows/workflow.js';
import type { ItemOutcome } from '../../ports/workflow-record.js';
import { requestRetries } from '../retry-tasks.js';
import { failedItems } from './failed-items.js';
import type { Turn } from './turn.js';

const PAGE = 500;
const RETRYABLE = statesThatAllow('RETRIED');

/** What a node is that is begun anew. */
export function anew({ run }: Pick<WorkflowNode, 'run'>) {
  return {
    state: 'WAITING',
    reason: '',
    run: run + 1,
    total: 0,
    submitted: 0,
    startTime: null,
    finishTime: null,
  } as const;
}

/**
 * Has the failed tasks of a workflow that is run again run again; those of a node of which one cannot be are all made
 * anew. Until it is committed it may be repeated.
 */
export async function retryFailed(turn: Turn): Promise<void> {
  const { copy, ports } = turn;
  await ports.ports.failpoints.hit('workflow.before-retry');
  for (const { node, state, failed } of copy.nodes) {
    if (isNodeOver(state) || state === 'WAITING' || failed === 0) continue;
    turn.stirred = true;
    const items: ItemOutcome[] = [];
    for await (const item of failedItems(turn, node)) items.push(item);
    if (items.every(({ state }) => RETRYABLE.includes(state))) await retryItems(turn, node, items);
    else copy.setNode(node, anew(copy.node(node)));
  }
}

/** One that does not allow it any more was retried by somebody else. What they may take in all counts from now on. */
async function retryItems(turn: Turn, node: number, items: readonly ItemOutcome[]): Promise<void> {
  const { copy, ports } = turn;
  const { timeoutMs } = turn.taskNode(node).settings;
  const bound = timeoutMs === null ? {} : { timeoutMs };
  const { org, submitterSubjectId: subject, run } = copy.workflow;
  const reason = `run ${run} of its workflow`;
  for (let from = 0; from < items.length; from += PAGE) {
    const some = items.slice(from, from + PAGE).map(({ taskId }) => ({ taskId, reason, ...bound }));
    await requestRetries(ports.ports)({ org, subject }, some);
  }
}
