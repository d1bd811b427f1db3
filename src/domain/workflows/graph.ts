import type { PlanNode } from './plan.js';
import { at } from './snapshot.js';

/**
 * What waits for what. A task is one vertex, numbered as its node; a group is two: its beginning, numbered as its node,
 * and its end, numbered by so many more as there are nodes. Tasks wait for the beginning of their group, and its end waits
 * for them; who depends on a group waits for its end.
 */
export interface Graph {
  /** By vertex. */
  readonly waits: readonly (readonly number[])[];
}

/** The vertex at which a node has ended. */
export function endOf(nodes: readonly PlanNode[], node: number): number {
  return at(nodes, node).kind === 'GROUP' ? nodes.length + node : node;
}

export function graphOf(nodes: readonly PlanNode[]): Graph {
  const waits: number[][] = Array.from({ length: 2 * nodes.length }, () => []);
  for (const one of nodes) {
    const begin = at(waits, one.node);
    for (const other of one.waitsFor) begin.push(endOf(nodes, other));
    if (one.kind === 'TASK') begin.push(one.groupNode);
    else at(waits, nodes.length + one.node).push(one.node, ...one.tasks);
  }
  return { waits };
}

/** Vertices, each after all that it waits for; those that wait for themselves, however far around, are missing. */
export function orderOf({ waits }: Graph): readonly number[] {
  const followers: number[][] = waits.map(() => []);
  const left = waits.map((list) => list.length);
  waits.forEach((list, vertex) => {
    for (const other of list) at(followers, other).push(vertex);
  });
  const order: number[] = [];
  left.forEach((count, vertex) => {
    if (count === 0) order.push(vertex);
  });
  for (let next = 0; next < order.length; next++) {
    for (const follower of at(followers, at(order, next))) {
      const rest = at(left, follower) - 1;
      left[follower] = rest;
      if (rest === 0) order.push(follower);
    }
  }
  return order;
}
