import { keysOf, pathProblem } from './context.js';
import { pathText } from './paths.js';
import type { PlanNode, TaskNode } from './plan.js';
import type { ProblemList } from './problem-list.js';

/** Where a task's result goes. */
export function resultKeyOf(groupId: string, taskId: string, resultKey: string): string {
  return resultKey === '' ? `outputs.${groupId}.${taskId}` : resultKey;
}

/** Each result has a place of its own in the context: none is where another one is, nor inside of it. */
export function checkResultKeys(
  nodes: readonly PlanNode[],
  fieldOf: (node: PlanNode) => string,
  list: ProblemList,
): void {
  const takers = new Map<string, TaskNode>();
  for (const node of nodes) {
    if (node.kind !== 'TASK') continue;
    const problem = pathProblem(node.resultKey);
    const before = takers.get(node.resultKey);
    if (problem !== null) list.add(`${fieldOf(node)}.result_key`, 'BAD_RESULT_KEY', problem);
    else if (before === undefined) takers.set(node.resultKey, node);
    else taken(node, `${node.resultKey} is where the result of ${before.address} goes`);
  }
  for (const node of takers.values()) {
    const around = outside(node.resultKey)
      .map((path) => takers.get(path))
      .find((taker) => taker !== undefined);
    if (around === undefined) continue;
    taken(
      node,
      `${node.resultKey} lies within ${around.resultKey}, where the result of ${around.address} goes`,
    );
  }

  function taken(node: TaskNode, description: string): void {
    list.add(`${fieldOf(node)}.result_key`, 'RESULT_KEY_TAKEN', description);
  }
}

/** The paths that a path lies within. */
function outside(path: string): readonly string[] {
  const keys = keysOf(path);
  return keys.slice(1).map((_, length) => pathText(keys.slice(0, length + 1)));
}
