import { fieldsOf } from './fields.js';
import { endOf, type Graph, graphOf, orderOf } from './graph.js';
import { knotsOf, wayAround } from './knots.js';
import type { Plan, PlanNode, Problem } from './plan.js';
import { at } from './snapshot.js';

/**
 * Nodes that wait for themselves: those that name themselves, and then, around however many corners, of each knot of
 * others the shortest way around from its first node, such as `a.x → b.y → a.x`, where each waits for the next. A group
 * ends with its tasks, which begin with it.
 *
 * @param targets by node: which nodes its `depends_on` are, in their order, -1 for none. Left out: problems are of the
 *   task or group as a whole
 */
export function cyclesOf({ nodes }: Plan, targets?: readonly (readonly number[])[]): readonly Problem[] {
  const ways = [...waysOfItself(nodes), ...waysAround(nodes.map(withoutItself))];
  if (ways.length === 0) return [];
  const fieldOf = fieldsOf(nodes);
  return ways
    .sort((a, b) => at(a, 0) - at(b, 0))
    .map((vertices) => {
      const first = at(nodes, at(vertices, 0));
      const place = targets?.[first.node]?.findIndex((node) => {
        return node >= 0 && endOf(nodes, node) === vertices[1];
      });
      const entry = place === undefined || place < 0 ? '' : `.depends_on[${place}]`;
      return {
        field: `${fieldOf(first)}${entry}`,
        reason: 'CYCLE',
        description: describe(nodes, vertices),
      };
    });
}

function waysOfItself(nodes: readonly PlanNode[]): readonly (readonly number[])[] {
  return nodes
    .filter(({ node, waitsFor }) => waitsFor.includes(node))
    .map(({ node }) => [node, endOf(nodes, node)]);
}

/** One that names itself would be the shortest way around of any knot that it is in, and hide the others. */
function withoutItself(one: PlanNode): PlanNode {
  if (!one.waitsFor.includes(one.node)) return one;
  return { ...one, waitsFor: one.waitsFor.filter((node) => node !== one.node) };
}

function waysAround(nodes: readonly PlanNode[]): readonly (readonly number[])[] {
  const graph = graphOf(nodes);
  const order = orderOf(graph);
  if (order.length === graph.waits.length) return [];
  const ordered = new Set(order);
  const rest = graph.waits.map((_, vertex) => vertex).filter((vertex) => !ordered.has(vertex));
  return knotsOf(graph.waits, rest).map((knot) => way(nodes, graph, knot));
}

/** From the first node that says itself that it waits for another one of the knot; each has such a node. */
function way(nodes: readonly PlanNode[], { waits }: Graph, knot: readonly number[]): readonly number[] {
  const within = new Set(knot);
  let start = Number.POSITIVE_INFINITY;
  for (const vertex of knot) {
    if (vertex >= start || vertex >= nodes.length) continue;
    if (at(nodes, vertex).waitsFor.some((node) => within.has(endOf(nodes, node)))) start = vertex;
  }
  return wayAround(waits, knot, start);
}

/** Addresses that are told of one cycle. */
const MOST_TOLD = 50;

function describe(nodes: readonly PlanNode[], vertices: readonly number[]): string {
  const all = vertices.map((vertex) => at(nodes, vertex % nodes.length).address);
  // A group's beginning and its end are one to people.
  const told = all.filter((address, place) => place === 0 || address !== all[place - 1]);
  if (told.length === 1) told.push(at(told, 0));
  const shown = told.length > MOST_TOLD ? [...told.slice(0, MOST_TOLD - 2), '…', ...told.slice(-1)] : told;
  return `waits for itself: ${shown.join(' → ')}`;
}
