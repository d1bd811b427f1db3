import { graphOf, orderOf } from './graph.js';
import { isGood } from './outcomes.js';
import type { GroupNode, Plan } from './plan.js';
import { codeOf } from './reasons.js';
import { at, type Snapshot } from './snapshot.js';
import type { WorkflowNode } from './workflow.js';

/** What becomes of the nodes of a workflow that is run again. Nodes that are not in it stay as they are. */
export interface RetryPlan {
  /** Begun anew: WAITING, with `run` + 1, and without items, times and reason. */
  readonly anew: readonly number[];
  /** Go on with the items that they have: without reason and `finishTime`; groups with a new `startTime`. */
  readonly goOn: readonly { readonly node: number; readonly state: 'RUNNING' | 'EXPANDING' }[];
  /** Of these, nodes with tasks that ended otherwise than SUCCEEDED: those are retried before the workflow goes on. */
  readonly retryTasks: readonly number[];
}

type Again = 'ANEW' | 'GO_ON';

/**
 * What did not succeed is done again. Of what has items, only those that failed; but all of them if its result was not
 * valid, or if it waits for what is done again, as its items may be others then. What was skipped is looked at again if it
 * waits for what is done again. What succeeded stays.
 */
export function retryOf(plan: Plan, { nodes }: Pick<Snapshot, 'nodes'>): RetryPlan {
  const again = againOf(plan, nodes);
  const anew: number[] = [];
  const goOn: { node: number; state: 'RUNNING' | 'EXPANDING' }[] = [];
  const retryTasks: number[] = [];
  plan.nodes.forEach(({ node, kind }) => {
    const here = at(nodes, node);
    if (again[node] === 'ANEW') anew.push(node);
    if (again[node] !== 'GO_ON') return;
    const isExpanding = kind === 'TASK' && here.submitted < here.total;
    goOn.push({ node, state: isExpanding ? 'EXPANDING' : 'RUNNING' });
    if (kind === 'TASK' && here.failed > 0) retryTasks.push(node);
  });
  return { anew, goOn, retryTasks };
}

function againOf(plan: Plan, nodes: readonly WorkflowNode[]): readonly (Again | undefined)[] {
  const again: (Again | undefined)[] = [];
  for (const vertex of orderOf(graphOf(plan.nodes))) {
    const one = at(plan.nodes, vertex % nodes.length);
    const here = at(nodes, one.node);
    // All that it waits for has been settled before it; of groups, at their end.
    const waits = one.waitsFor.some((node) => again[node] !== undefined);
    if (one.kind === 'TASK') {
      const isGroupAnew = again[one.groupNode] === 'ANEW';
      const isGroupSkipped = at(nodes, one.groupNode).state === 'SKIPPED';
      again[one.node] = taskAgain(here, isGroupAnew || (waits && !isGroupSkipped));
    } else if (vertex < nodes.length) {
      again[one.node] = groupAgain(here, waits);
    } else {
      again[one.node] ??= groupEndAgain(one, here, again);
    }
  }
  return again;
}

/** Whether a group has to begin anew. */
function groupAgain(here: WorkflowNode, waits: boolean): Again | undefined {
  if (here.state === 'SUCCEEDED') return undefined;
  if (here.state === 'SKIPPED') return waits ? 'ANEW' : undefined;
  const hadBegun = here.startTime !== null && codeOf(here.reason) !== 'CONDITION_FAILED';
  return waits || !hadBegun ? 'ANEW' : undefined;
}

/** Whether a group that need not begin anew has to go on. */
function groupEndAgain(
  { tasks }: GroupNode,
  here: WorkflowNode,
  again: readonly (Again | undefined)[],
): Again | undefined {
  return !isGood(here.state) || tasks.some((task) => again[task] !== undefined) ? 'GO_ON' : undefined;
}

function taskAgain(here: WorkflowNode, waits: boolean): Again | undefined {
  if (here.state === 'SUCCEEDED') return undefined;
  if (here.state === 'SKIPPED') return waits ? 'ANEW' : undefined;
  const keepsItems = here.submitted > 0 && codeOf(here.reason) !== 'RESULT_INVALID';
  return waits || !keepsItems ? 'ANEW' : 'GO_ON';
}
