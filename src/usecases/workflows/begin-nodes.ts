import { repeatedWords } from '../../domain/workflows/expansion/items.js';
import type { PlanNode, TaskNode } from '../../domain/workflows/plan.js';
import { variablesOf } from '../../domain/workflows/scope.js';
import type { Step } from '../../domain/workflows/steps.js';
import type { Evaluation, ExpressionOutcome } from '../../ports/expression-engine.js';
import { expandedDetail } from './expansions.js';
import type { Turn } from './turn.js';

type Begin = Extract<Step, { kind: 'BEGIN_GROUP' | 'BEGIN_TASK' }>;

/** Begins groups and tasks whose time has come, or skips them: all conditions are asked together. */
export async function beginNodes(turn: Turn, steps: readonly Begin[]): Promise<void> {
  const nodes = steps.map(({ node }) => turn.planNode(node));
  const asked = nodes.filter((node) => conditionOf(node) !== '');
  const answers = (await conditionsOf(turn, asked)).values();
  for (const node of nodes) {
    const answer = conditionOf(node) === '' ? TRUE : readCondition(answers.next().value);
    if (node.kind === 'GROUP') beginGroup(turn, node.node, node.tasks, answer);
    else await beginTask(turn, node, answer);
  }
}

type Condition = { readonly holds: boolean; readonly reason: string; readonly failed: boolean };

const TRUE: Condition = { holds: true, reason: '', failed: false };

function conditionOf(node: PlanNode): string {
  return node.kind === 'GROUP' ? node.group.condition : node.template.condition;
}

async function conditionsOf(
  turn: Turn,
  nodes: readonly PlanNode[],
): Promise<readonly (ExpressionOutcome | undefined)[]> {
  if (nodes.length === 0) return [];
  const shared = variablesOf(await turn.scope());
  const evaluations = nodes.map((node): Evaluation => ({ expression: conditionOf(node), shared, own: [{}] }));
  const outcomes = await turn.ports.ports.expressions.evaluate(turn.copy.workflow.org, evaluations);
  return nodes.map((_, i) => outcomes[i]?.[0]);
}

function readCondition(outcome: ExpressionOutcome | undefined): Condition {
  if (!outcome?.ok) {
    const why = outcome ? `${outcome.failure}: ${outcome.message}` : 'there was no answer';
    return { holds: false, reason: `CONDITION_FAILED: ${why}`, failed: true };
  }
  if (outcome.value === true) return TRUE;
  if (outcome.value === false) return { holds: false, reason: 'CONDITION: it is false', failed: false };
  const reason = `CONDITION_FAILED: it must be true or false, not ${JSON.stringify(outcome.value).slice(0, 100)}`;
  return { holds: false, reason, failed: true };
}

function beginGroup(turn: Turn, node: number, tasks: readonly number[], condition: Condition): void {
  const { copy, now } = turn;
  if (condition.holds) {
    copy.setNode(node, { state: 'RUNNING', startTime: now });
    copy.say('NODE_READY', { node, nodeState: 'RUNNING' });
    return;
  }
  copy.endNode(node, condition.failed ? 'FAILED' : 'SKIPPED', condition.reason, now);
  const state = condition.failed ? 'CANCELLED' : 'SKIPPED';
  const reason = condition.failed ? 'CANCELLED: the condition of its group failed' : condition.reason;
  // Some may have succeeded before, when the group is begun anew.
  for (const task of tasks) {
    if (copy.node(task).state !== 'WAITING') continue;
    copy.setNode(task, { state, reason, finishTime: now });
  }
}

async function beginTask(turn: Turn, node: TaskNode, condition: Condition): Promise<void> {
  const { copy, now } = turn;
  if (!condition.holds) {
    copy.endNode(node.node, condition.failed ? 'FAILED' : 'SKIPPED', condition.reason, now);
    return;
  }
  if (node.settings.expansion === null) {
    copy.setNode(node.node, { state: 'EXPANDING', total: 1, startTime: now });
    copy.say('NODE_READY', { node: node.node, nodeState: 'EXPANDING' });
    return;
  }
  const scope = await turn.scope();
  const expanded = await turn.expansions.make(copy.workflow, node, scope);
  if (!expanded.ok) {
    copy.endNode(node.node, 'FAILED', expanded.reason, now);
    return;
  }
  const { total, repeated } = expanded;
  const { run } = copy.node(node.node);
  copy.setNode(node.node, { state: 'EXPANDING', total, startTime: now });
  copy.say('NODE_READY', { node: node.node, nodeState: 'EXPANDING' });
  const detail = expandedDetail(total, run, copy.workflow.contextVersion, now);
  const reason = repeated ? `REPEATED_IDENTIFIER: ${repeatedWords(repeated)}` : '';
  copy.say('NODE_EXPANDED', { node: node.node, nodeState: 'EXPANDING', reason, detail });
  turn.begun.set(node.node, { expanded, scope });
}
