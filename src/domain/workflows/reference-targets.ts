import { keysOf } from './context.js';
import { namesOf } from './names.js';
import type { Plan, PlanNode, TaskNode } from './plan.js';
import type { Reference } from './references.js';
import { at } from './snapshot.js';

/** What a reference to `results` or to a result in the context leads to. */
export type Target =
  /** A node; the reference is there once it has ended. */
  | { readonly kind: 'NODE'; readonly node: PlanNode }
  /** There is no such thing; in words. */
  | { readonly kind: 'UNKNOWN'; readonly description: string }
  /** It waits for nothing. */
  | { readonly kind: 'NONE' };

const NONE: Target = { kind: 'NONE' };

export interface Targets {
  /** `results.GROUP.TASK`, `results.GROUP`, or `results.TASK` where that is clear. */
  ofResults(reference: Reference, from: PlanNode): Target;
  /** The task whose result is at a path of the context, or around it. */
  ofContext(reference: Reference): Target;
}

export function targetsOf({ nodes }: Plan): Targets {
  const names = namesOf(nodes);
  const writers = new Map<string, TaskNode>();
  for (const node of nodes) {
    if (node.kind === 'TASK') writers.set(JSON.stringify(keysOf(node.resultKey)), node);
  }

  return {
    ofResults([, first, second], from) {
      if (first === undefined) return NONE;
      const groupNode = names.groups.get(first);
      if (groupNode !== undefined) {
        const group = at(nodes, groupNode);
        // Tasks see what there is of their own group.
        if (second === undefined) return from.group === group.group ? NONE : { kind: 'NODE', node: group };
        const task = nodes[names.addresses.get(`${first}.${second}`) ?? -1];
        const isOfGroup = task?.kind === 'TASK' && task.groupNode === groupNode;
        return isOfGroup ? { kind: 'NODE', node: task } : unknown(`group ${first} has no task ${second}`);
      }
      const tasks = names.tasks.get(first) ?? [];
      const [only] = tasks;
      if (only === undefined) return unknown(`there is no group or task ${first}`);
      if (tasks.length > 1)
        return unknown(`${first} is a task of several groups: write results.GROUP.${first}`);
      return { kind: 'NODE', node: at(nodes, only) };
    },

    ofContext([, ...path]) {
      for (let length = 1; length <= path.length; length++) {
        const node = writers.get(JSON.stringify(path.slice(0, length)));
        if (node) return { kind: 'NODE', node };
      }
      return NONE;
    },
  };
}

function unknown(description: string): Target {
  return { kind: 'UNKNOWN', description };
}
