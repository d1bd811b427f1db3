import { isTerminal } from '../../domain/tasks/task-state.js';
import { isNodeOver, type WorkflowNode } from '../../domain/workflows/workflow.js';
import { cancelItems } from './cancel-open.js';
import { requestRetries } from '../retry-tasks.js';
import type { Turn } from './turn.js';

const PAGE = 500;

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
 * Has the failed tasks of a workflow that is run again run again; those of a node that cannot be are all made anew.
 * Until it is committed it may be repeated.
 */
export async function retryFailed(turn: Turn): Promise<void> {
  const { copy, ports } = turn;
  await ports.ports.failpoints.hit('workflow.before-retry');
  for (const { node, state, failed } of copy.nodes) {
    if (isNodeOver(state) || state === 'WAITING' || failed === 0) continue;
    turn.stirred = true;
    if (await retryItems(turn, node)) continue;
    await cancelItems(turn, node, 'all of it is begun anew');
    copy.setNode(node, anew(copy.node(node)));
  }
}

/** @returns whether all can be retried */
async function retryItems({ copy, ports }: Turn, node: number): Promise<boolean> {
  const { org, submitterSubjectId: subject, run } = copy.workflow;
  for (let after = 0; ; ) {
    const items = await ports.workflows.listItems(copy.key, node, after, PAGE);
    const failed = items.filter(({ state }) => isTerminal(state) && state !== 'SUCCEEDED');
    const outcomes = await requestRetries(ports.ports)(
      { org, subject },
      failed.map(({ taskId }) => ({ taskId, reason: `run ${run} of its workflow` })),
    );
    // One that runs again was retried by somebody else.
    const refused = outcomes.some((one) => one.kind === 'REFUSED' && isTerminal(one.state));
    if (refused) return false;
    const last = items.at(-1);
    if (!last || items.length < PAGE) return true;
    after = last.item;
  }
}
