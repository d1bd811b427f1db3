import type { JsonObject, JsonValue } from '../json.js';
import { type ExpressionPlace, type Places, placesOf, sharedReferencesIn } from './expression-places.js';
import { endOf, graphOf, orderOf } from './graph.js';
import { stepInto } from './paths.js';
import type { Plan, PlanNode, Problem } from './plan.js';
import { createProblemList } from './problem-list.js';
import { targetsOf } from './reference-targets.js';
import type { Reference } from './references.js';
import type { Resolved } from './resolve.js';
import { at } from './snapshot.js';
import type { WorkflowSpec } from './spec.js';

/** A node that waits for another one because it refers to its result. */
interface Edge {
  readonly from: PlanNode;
  readonly to: PlanNode;
  readonly field: string;
  readonly reference: Reference;
  /** The context has a value there from the beginning, which may be meant. */
  readonly isSeeded: boolean;
}

/** Seeded references that are looked at one by one, where all of them together would make a cycle. */
const MOST_SINGLE = 1_000;

/**
 * A plan in which nodes wait also for what their templates, conditions and expansions refer to: `results.GROUP.TASK`, or
 * the path of a result in the context. A reference by which a node would wait for itself is a problem (CYCLE), unless the
 * context has a value there from the beginning. TOO_LARGE: it has too many expressions.
 */
export function withArrayDependencies(plan: Plan, spec: WorkflowSpec): Resolved {
  const places = placesOf(plan);
  const large = places.problems.filter(({ reason }) => reason === 'TOO_LARGE');
  if (large.length > 0) return { plan: null, problems: large };
  const edges = edgesOf(plan, places, spec);
  if (edges.length === 0) return { plan, problems: [] };
  const whole = withEdges(plan, edges);
  if (!hasCycle(whole)) return { plan: whole, problems: [] };
  const certain = withEdges(
    plan,
    edges.filter(({ isSeeded }) => !isSeeded),
  );
  if (hasCycle(certain)) return { plan: null, problems: cyclesBy(certain, edges) };
  const seeded = edges.filter(({ isSeeded }) => isSeeded).slice(0, MOST_SINGLE);
  const together = seeded.reduce((made, edge) => {
    return reaches(made, endVertex(made, edge.to), edge.from.node) ? made : withEdges(made, [edge]);
  }, certain);
  return { plan: together, problems: [] };
}

function edgesOf(plan: Plan, { expressions, sources }: Places, spec: WorkflowSpec): readonly Edge[] {
  const targets = targetsOf(plan);
  const edges = new Map<number, Edge>();
  const known = plan.nodes.map(({ waitsFor }) => new Set(waitsFor));

  function add(from: PlanNode, field: string, reference: Reference, isLate: boolean): void {
    const [root] = reference;
    if (root !== 'results' && root !== 'context') return;
    const target = root === 'results' ? targets.ofResults(reference, from) : targets.ofContext(reference);
    if (target.kind !== 'NODE') return;
    const to = target.node;
    // Its own result: what the context has before it, or what is there already when it is looked at.
    if (to === from && (root === 'context' || isLate)) return;
    if (isAwaited(known, from, to)) return;
    const isSeeded = root === 'context' && isThere(spec.context, reference.slice(1));
    const key = from.node * plan.nodes.length + to.node;
    if (!isSeeded || !edges.has(key)) edges.set(key, { from, to, field, reference, isSeeded });
  }

  const read = new Map<string, readonly Reference[]>();
  for (const place of expressions) {
    for (const reference of referencesOf(place, read)) add(place.node, place.field, reference, place.isLate);
  }
  for (const { node, field, reference } of sources) add(node, field, reference, false);
  return [...edges.values()];
}

/** Whether a node waits for another one by what the spec says of it or of its group. */
function isAwaited(known: readonly ReadonlySet<number>[], from: PlanNode, to: PlanNode): boolean {
  const waits = [from.node, from.kind === 'TASK' ? from.groupNode : from.node];
  const nodes = [to.node, to.kind === 'TASK' ? to.groupNode : to.node];
  return waits.some((one) => nodes.some((other) => known[one]?.has(other)));
}

/** Of group instructions each task of the group has the same. */
function referencesOf(place: ExpressionPlace, read: Map<string, readonly Reference[]>): readonly Reference[] {
  const key = `${place.own.join()} ${place.expression}`;
  let references = read.get(key);
  if (!references) {
    references = sharedReferencesIn(place);
    read.set(key, references);
  }
  return references;
}

function isThere(context: JsonObject, path: Reference): boolean {
  let value: JsonValue | undefined = context;
  for (const key of path) value = stepInto(value, key);
  return value !== undefined;
}

function withEdges({ nodes }: Plan, edges: readonly Edge[]): Plan {
  const more = new Map<number, number[]>();
  for (const { from, to } of edges) {
    const list = more.get(from.node);
    if (list) list.push(to.node);
    else more.set(from.node, [to.node]);
  }
  return {
    nodes: nodes.map((node) => {
      const added = more.get(node.node);
      return added ? { ...node, waitsFor: [...node.waitsFor, ...added] } : node;
    }),
  };
}

function hasCycle({ nodes }: Plan): boolean {
  const graph = graphOf(nodes);
  return orderOf(graph).length < graph.waits.length;
}

function cyclesBy(plan: Plan, edges: readonly Edge[]): readonly Problem[] {
  const list = createProblemList();
  for (const { from, to, field, reference, isSeeded } of edges) {
    if (isSeeded || !reaches(plan, endVertex(plan, to), from.node)) continue;
    const waits =
      to === from ? 'is its own result' : `waits for ${to.address}, which waits for ${from.address}`;
    list.add(field, 'CYCLE', `${reference.join('.')} of ${from.address} ${waits}`);
    if (list.problems.length >= MOST_CYCLES) break;
  }
  return list.problems;
}

/** Problems of this kind that are told. */
const MOST_CYCLES = 20;

function endVertex({ nodes }: Plan, node: PlanNode): number {
  return endOf(nodes, node.node);
}

/** Whether a vertex waits for another one, however far around, or is that one. */
function reaches({ nodes }: Plan, from: number, to: number): boolean {
  const { waits } = graphOf(nodes);
  const seen = new Set<number>([from]);
  const left = [from];
  for (let vertex = left.pop(); vertex !== undefined; vertex = left.pop()) {
    if (vertex === to) return true;
    for (const next of at(waits, vertex)) {
      if (seen.has(next)) continue;
      seen.add(next);
      left.push(next);
    }
  }
  return false;
}
