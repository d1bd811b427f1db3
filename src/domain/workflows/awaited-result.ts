import type { JsonValue } from '../json.js';
import { isObject } from '../policies/answer-fields.js';
import { isWithin, keysOf } from './context.js';
import type { Plan, TaskNode } from './plan.js';
import { at } from './snapshot.js';
import { isNodeOver, type WorkflowNode } from './workflow.js';

/**
 * The first task whose result is still to be written, and would be written over what somebody wants to put into the
 * context: at its path, within it, or around it with something in the way. `null`: there is none.
 */
export function awaitedAt(
  { nodes }: Plan,
  states: readonly Pick<WorkflowNode, 'state'>[],
  write: { readonly path: string; readonly value: JsonValue | undefined },
): TaskNode | null {
  for (const node of nodes) {
    if (node.kind !== 'TASK' || isNodeOver(at(states, node.node).state)) continue;
    if (isWithin(write.path, node.resultKey) || isInTheWay(write, node.resultKey)) return node;
  }
  return null;
}

/** Whether what is put around a path has something at it, or no object where it leads on. */
function isInTheWay(
  { path, value }: { readonly path: string; readonly value: JsonValue | undefined },
  resultKey: string,
): boolean {
  if (!isWithin(resultKey, path)) return false;
  let there = value;
  for (const key of keysOf(resultKey).slice(keysOf(path).length)) {
    if (there === undefined) return false;
    if (!isObject(there)) return true;
    there = Object.hasOwn(there, key) ? there[key] : undefined;
  }
  return there !== undefined;
}
