import { closedState } from '../../domain/workflows/completing.js';
import { limitsOnOne } from '../../domain/workflows/context.js';
import type { TaskNode } from '../../domain/workflows/plan.js';
import { withoutWaiting, wordsAfterCode } from '../../domain/workflows/reasons.js';
import type { Scope } from '../../domain/workflows/scope.js';
import type { NodeState, WorkflowNode } from '../../domain/workflows/workflow.js';
import { type Gathered, gather } from './gather.js';
import { itemPages } from './item-pages.js';
import type { Turn } from './turn.js';

/** Writes what all items of a node came to, once; then it is over. */
export async function gatherNode(turn: Turn, node: number): Promise<void> {
  const { copy, ports, now } = turn;
  const planned = turn.taskNode(node);
  const state = copy.node(node);
  await ports.ports.failpoints.hit('workflow.before-gather');
  const gathered = await outcomeOf(turn, planned, state);
  turn.expansions.forget(copy.key, state);
  await ports.ports.failpoints.hit('workflow.after-gather');
  const refusal = await refusalOf(turn, planned, gathered);
  if (refusal !== null) {
    copy.endNode(node, 'FAILED', refusal, now);
    return;
  }
  const closing = copy.workflow.state === 'COMPLETING';
  const end = closing ? endWhileClosing(state, gathered) : endInTime(turn, planned, gathered);
  if (gathered.value !== undefined) {
    copy.write(planned.resultKey, gathered.value);
    copy.say('CONTEXT_CHANGED', { node, nodeState: end.state, detail: { path: planned.resultKey } });
  }
  copy.endNode(node, end.state, end.reason, now, gathered.detail);
  if (closing && end.state !== 'SUCCEEDED' && gathered.value !== undefined) {
    const detail = { path: planned.resultKey, ...gathered.detail };
    copy.say('PARTIAL_RESULTS', { node, nodeState: end.state, reason: end.reason, detail });
  }
}

/** An output is taken as it is. */
const NOTHING_SEEN: Scope = { context: {}, params: {}, results: {}, now: 0 };

const ENDED_BEFORE = 'CANCELLED: the workflow ended before it did';

type End = { readonly state: NodeState; readonly reason: string };

/** Of a task whose group took too long before all its items were made, that is why. */
function endInTime({ copy }: Turn, { node, groupNode }: TaskNode, { state, reason }: Gathered): End {
  const { total, submitted } = copy.node(node);
  const late = copy.node(groupNode).reason;
  return submitted < total && late !== ''
    ? { state, reason: `${late}; ${wordsAfterCode(reason)}` }
    : { state, reason };
}

/** What its results say counts only if nothing is missing. */
function endWhileClosing(state: WorkflowNode, gathered: Gathered): End {
  if (gathered.state === 'SUCCEEDED' && state.total === state.succeeded) return gathered;
  return { state: closedState(state), reason: withoutWaiting(state.reason) || ENDED_BEFORE };
}

async function outcomeOf(turn: Turn, planned: TaskNode, state: WorkflowNode): Promise<Gathered> {
  const { copy, ports, loaded, expansions } = turn;
  const { org } = copy.workflow;
  const isEvaluated = planned.template.validate !== '' || planned.settings.expansion !== null;
  const scope = isEvaluated ? await turn.scope() : NOTHING_SEEN;
  // What a group that took too long did not make has failed.
  const partial = state.succeeded + state.failed < state.total || copy.workflow.state === 'COMPLETING';
  const pages = itemPages(turn, state.node, true);
  const total = state.total;
  if (planned.settings.expansion === null || total === 0) {
    return gather(ports.ports.expressions, org, planned, scope, total, pages, { partial });
  }
  const known = turn.begun.get(state.node) ?? (await expansions.of(copy.workflow, loaded, planned, state));
  const items = known.expanded.items;
  return gather(ports.ports.expressions, org, planned, scope, total, pages, { partial, items });
}

/** Why a result cannot be in the context; `null`: it can. */
async function refusalOf(turn: Turn, planned: TaskNode, { value }: Gathered): Promise<string | null> {
  if (value === undefined) return null;
  const write = { path: planned.resultKey, value };
  const why = await limitsOnOne(await turn.contextSize(), write, () => turn.rows());
  return why === null ? null : `CONTEXT_TOO_LARGE: ${why}`;
}
