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
    const before = takers.get(node.resultKey);
    if (before === undefined) takers.set(node.resultKey, node);
    else taken(node, `${node.resultKey} is where the result of ${before.address} goes`);
  }
  for (const node of takers.values()) {
    const key = node.resultKey;
    for (let dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', dot + 1)) {
      const around = takers.get(key.slice(0, dot));
      if (around === undefined) continue;
      taken(node, `${key} lies within ${around.resultKey}, where the result of ${around.address} goes`);
      break;
    }
  }

  function taken(node: TaskNode, description: string): void {
    list.add(`${fieldOf(node)}.result_key`, 'RESULT_KEY_TAKEN', description);
  }
}
