import { groupOutcome, isGood } from './outcomes.js';
import type { Plan } from './plan.js';
import { withoutWaiting } from './reasons.js';
import { at, hasBegun, openOf, type Snapshot } from './snapshot.js';
import type { Step } from './steps.js';
import { isNodeOver, type NodeState, type WorkflowNode } from './workflow.js';

/** COMPLETING: cancels what is open, gathers what there is of nodes that are not over, then ends. */
export function completingSteps(plan: Plan, { workflow, nodes }: Snapshot): readonly Step[] {
  const steps: Step[] = [];
  if (nodes.some((node) => openOf(node) > 0)) steps.push({ kind: 'CANCEL_TASKS' });
  for (const { kind, node } of plan.nodes) {
    const here = at(nodes, node);
    if (kind === 'TASK' && hasBegun(here) && here.succeeded > 0 && openOf(here) === 0) {
      steps.push({ kind: 'GATHER', node });
    }
  }
  return steps.length > 0 ? steps : [{ kind: 'FINISH', end: workflow.end ?? 'FAILED' }];
}

/** What a task becomes that was not over when its workflow's end was settled: FAILED where there is a reason for it. */
export function closedState(node: WorkflowNode): Extract<NodeState, 'FAILED' | 'CANCELLED'> {
  return node.reason === '' ? 'CANCELLED' : 'FAILED';
}

/** A node that its workflow's end ends. */
export interface Closed {
  readonly node: number;
  readonly state: NodeState;
  readonly reason: string;
}

/** What nodes become with FINISH that are not over. */
export function closed(plan: Plan, { nodes }: Pick<Snapshot, 'nodes'>): readonly Closed[] {
  const after = nodes.slice();
  const changes: Closed[] = [];
  // Tasks stand after their group, and are settled before it.
  for (let node = plan.nodes.length - 1; node >= 0; node--) {
    const one = at(plan.nodes, node);
    const here = at(nodes, node);
    if (isNodeOver(here.state)) continue;
    const tasks = one.kind === 'GROUP' && here.state === 'RUNNING' ? one.tasks : null;
    const { state, reason } = here.reason !== '' || tasks === null ? alone(here) : group(plan, after, tasks);
    after[node] = { ...here, state, reason };
    changes.push({ node, state, reason });
  }
  return changes.reverse();
}

const CANCELLED = { state: 'CANCELLED', reason: 'CANCELLED: the workflow ended first' } as const;

function alone(here: WorkflowNode): Omit<Closed, 'node'> {
  const state = closedState(here);
  return state === 'FAILED' ? { state, reason: withoutWaiting(here.reason) } : CANCELLED;
}

function group(plan: Plan, nodes: readonly WorkflowNode[], tasks: readonly number[]): Omit<Closed, 'node'> {
  const states = tasks.map((task) => at(nodes, task).state);
  const isOnlyCancelled = states.every((state) => isGood(state) || state === 'CANCELLED');
  return isOnlyCancelled && states.includes('CANCELLED') ? CANCELLED : groupOutcome(plan, nodes, tasks);
}
