import { nearest } from '../nearest.js';
import type { PlanNode } from './plan.js';

/** Nodes by what dependencies call them. Where a name is taken twice, the first one has it. */
export interface Names {
  readonly groups: ReadonlyMap<string, number>;
  /** `group` and `group.task`. */
  readonly addresses: ReadonlyMap<string, number>;
  readonly tasks: ReadonlyMap<string, readonly number[]>;
}

export function namesOf(nodes: readonly PlanNode[]): Names {
  const groups = new Map<string, number>();
  const addresses = new Map<string, number>();
  const tasks = new Map<string, number[]>();
  for (const one of nodes) {
    if (!addresses.has(one.address)) addresses.set(one.address, one.node);
    if (one.kind === 'GROUP') {
      if (!groups.has(one.group.groupId)) groups.set(one.group.groupId, one.node);
      continue;
    }
    const same = tasks.get(one.template.taskId);
    if (same === undefined) tasks.set(one.template.taskId, [one.node]);
    else same.push(one.node);
  }
  return { groups, addresses, tasks };
}

/**
 * Nodes that a dependency may mean: one, if it is clear. A task of the own group (only for tasks: a group would wait for
 * itself), then a group, then `group.task`, then tasks of that id anywhere.
 */
export function meant(names: Names, from: PlanNode, dependency: string): readonly number[] {
  const own = from.kind === 'TASK' ? names.addresses.get(`${from.group.groupId}.${dependency}`) : undefined;
  const one = own ?? names.groups.get(dependency) ?? names.addresses.get(dependency);
  if (one !== undefined) return [one];
  return names.tasks.get(dependency) ?? [];
}

/** Comparisons, of lengths and of letters, that suggestions for one spec may take; some tens of ms. */
const MOST_WORK = 4_000_000;

/** Says which name was most likely meant by one that there is not; `undefined` where none is near, or after much work. */
export function createSuggestions(names: Names): (given: string) => string | undefined {
  let work = 0;
  let all: readonly string[] | undefined;
  return (given) => {
    if (work > MOST_WORK) return undefined;
    all ??= [...new Set([...names.addresses.keys(), ...names.tasks.keys()])];
    // One that is near is about as long; those that are not need not be compared.
    const slack = Math.floor(given.length / 3) + 2;
    const alike = all.filter((name) => Math.abs(name.length - given.length) <= slack);
    work += all.length + given.length * given.length * alike.length;
    return work > MOST_WORK ? undefined : nearest(given, alike);
  };
}
