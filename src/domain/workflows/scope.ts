import type { JsonObject, JsonValue } from '../json.js';
import { isObject } from '../policies/answer-fields.js';
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

/** A value of a context, as it was written; `undefined`: it is gone. */
interface Entry {
  /** Dotted. */
  readonly path: string;
  readonly version: number;
  readonly value: JsonValue | undefined;
}

/** @param rows of its context: the newest of each path; what it was seeded with need not be among them */
export function scopeOf(plan: Plan, spec: WorkflowSpec, rows: readonly Entry[], now: number): Scope {
  const seeds = Object.entries(spec.context).map(([path, value]) => ({ path, version: 0, value }));
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
      const value = resultOf(node, context);
      if (value === undefined) continue;
      groups.get(node.group.groupId)?.push([taskId, value]);
      if (nodes.length === 1 && !groups.has(taskId)) alone.push([taskId, value]);
    }
  }
  const grouped = [...groups].map(([id, tasks]) => [id, Object.fromEntries(tasks)] as const);
  return Object.fromEntries([...grouped, ...alone]);
}

function resultOf({ resultKey }: TaskNode, context: JsonObject): JsonValue | undefined {
  let at: JsonValue | undefined = context;
  for (const segment of resultKey.split('.')) {
    at = isObject(at) && Object.hasOwn(at, segment) ? at[segment] : undefined;
  }
  return at;
}

function assemble(rows: readonly Entry[]): JsonObject {
  const context: Record<string, JsonValue> = {};
  for (const { path, value } of [...rows].sort((a, b) => a.version - b.version)) {
    const segments = path.split('.');
    const last = segments.pop() ?? '';
    let at = context;
    for (const segment of segments) {
      const inner = Object.hasOwn(at, segment) ? at[segment] : undefined;
      const copy = isObject(inner) ? { ...inner } : {};
      at[segment] = copy;
      at = copy;
    }
    if (value === undefined) delete at[last];
    else at[last] = value;
  }
  return context;
}
