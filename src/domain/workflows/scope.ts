import type { JsonObject, JsonValue } from '../json.js';
import { assemble, type ContextValue, keysOf } from './context.js';
import { pathText, valueAt } from './paths.js';
import type { Plan, TaskNode } from './plan.js';
import type { WorkflowSpec } from './spec.js';

/** What expressions and templates of a workflow see, whichever task they are of. */
export interface Scope {
  /** The context as one document. */
  readonly context: JsonObject;
  readonly params: JsonObject;
  /**
   * Results so far: `results.GROUP.TASK`, and `results.TASK` where only one task has that id and no group has it.
   * Each group is there, tasks once they have a result.
   */
  readonly results: JsonObject;
  /** In ms since the epoch. */
  readonly now: number;
}

/** The variables of a scope by their names, as expressions are given them. */
export function variablesOf({ context, params, results, now }: Scope): JsonObject {
  return { context, params, results, now };
}

/** @param rows of its context: the newest of each path; what it was seeded with need not be among them */
export function scopeOf(plan: Plan, spec: WorkflowSpec, rows: readonly ContextValue[], now: number): Scope {
  const seeds = Object.entries(spec.context).map(([key, value]) => ({
    path: pathText([key]),
    version: 0,
    value,
  }));
  return scopeIn(plan, spec.params, assemble([...seeds, ...rows]), now);
}

/** A scope by a context that is put together already. */
export function scopeIn(plan: Plan, params: JsonObject, context: JsonObject, now: number): Scope {
  return { context, params, results: resultsOf(plan, context), now };
}

function resultsOf(plan: Plan, context: JsonObject): JsonObject {
  const groups = new Map<string, [string, JsonValue][]>();
  const byTask = new Map<string, TaskNode[]>();
  for (const node of plan.nodes) {
    if (node.kind === 'GROUP') groups.set(node.group.groupId, []);
    else byTask.set(node.template.taskId, [...(byTask.get(node.template.taskId) ?? []), node]);
  }
  const alone: [string, JsonValue][] = [];
  for (const [taskId, nodes] of byTask) {
    for (const node of nodes) {
      const value = valueAt(context, keysOf(node.resultKey));
      if (value === undefined) continue;
      groups.get(node.group.groupId)?.push([taskId, value]);
      if (nodes.length === 1 && !groups.has(taskId)) alone.push([taskId, value]);
    }
  }
  const grouped = [...groups].map(([id, tasks]) => [id, Object.fromEntries(tasks)] as const);
  return Object.fromEntries([...grouped, ...alone]);
}
