import { lookupProblem, unusedLookups, WHERE_LOOKUPS_ARE } from '../../domain/workflows/check-lookups.js';
import { keysOf } from '../../domain/workflows/context.js';
import {
  type ExpressionPlace,
  type Places,
  placesOf,
  SHARED_VARIABLES,
} from '../../domain/workflows/expression-places.js';
import { endOf, graphOf } from '../../domain/workflows/graph.js';
import { LOOKUPS } from '../../domain/workflows/lookups.js';
import type { Plan, PlanNode, Problem } from '../../domain/workflows/plan.js';
import { createProblemList, type ProblemList } from '../../domain/workflows/problem-list.js';
import { targetsOf } from '../../domain/workflows/reference-targets.js';
import type { Reference } from '../../domain/workflows/references.js';
import { at } from '../../domain/workflows/snapshot.js';
import type { WorkflowSpec } from '../../domain/workflows/spec.js';
import { type Checked, type ExpressionEngine, UNKNOWN_VARIABLE } from '../../ports/expression-engine.js';
import { itemNames } from './check-item-names.js';
import { isGuarded, meant, worded } from './name-problems.js';

/** What is wrong with the expressions and templates of a spec, and what may be. */
export interface CheckedTemplates {
  /** BAD_TEMPLATE, BAD_EXPANSION, BAD_EXPRESSION, UNKNOWN_VARIABLE, TOO_LARGE; 100 at most. */
  readonly problems: readonly Problem[];
  /**
   * UNKNOWN_VARIABLE: of the context, where nothing writes it; of elements, where none that is known has it.
   * UNUSED_LOOKUP.
   */
  readonly warnings: readonly Problem[];
}

/** Parts of a context that clients fill. */
const SECTIONS: readonly string[] = [
  'user',
  'session',
  'messages',
  'nodes',
  'forms',
  'models',
  'agents',
  'outputs',
];

/**
 * Looks through conditions, templates, expansions, reducers and `validate`: whether they can be read and compiled, and
 * whether what they name is there where they are evaluated.
 *
 * @param plan with all dependencies, those on results that are referred to included
 * @throws UNAVAILABLE if the engine cannot be asked
 */
export async function checkTemplates(
  engine: Pick<ExpressionEngine, 'check'>,
  plan: Plan,
  spec: WorkflowSpec,
): Promise<CheckedTemplates> {
  const places = placesOf(plan);
  const list = createUniqueList();
  const warnings = createUniqueList();
  for (const { field, reason, description } of places.problems) list.add(field, reason, description);
  const look = references(plan, spec, list, warnings);
  const lookAtItem = itemNames(plan, spec, list, warnings);
  const checked = await checkAll(engine, places);
  for (const [i, place] of places.expressions.entries()) {
    const one = checked[i];
    if (one?.ok) {
      for (const name of one.names) {
        if (!place.own.includes(name[0] ?? '')) {
          look(place, name);
          continue;
        }
        if (name[0] === 'item') lookAtItem(place, name);
        const problem = lookupProblem(place, name);
        if (problem !== null) list.add(place.field, 'UNKNOWN_VARIABLE', worded(place, problem));
      }
    } else if (one) {
      addProblems(list, place, one);
    }
  }
  for (const { node, field, reference } of places.sources) {
    look({ ...PLAIN, node, field, expression: '' }, reference);
  }
  for (const { field, reason, description } of unusedLookups(plan, places.expressions)) {
    warnings.add(field, reason, description);
  }
  return { problems: list.problems, warnings: warnings.problems };
}

const PLAIN = { own: [], item: [], shown: '', hasDefault: false, isLate: false } as const;

/** One call for each set of variables. */
async function checkAll(
  engine: Pick<ExpressionEngine, 'check'>,
  { expressions }: Places,
): Promise<readonly (Checked | undefined)[]> {
  const byVariables = new Map<
    string,
    { readonly variables: readonly string[]; readonly asked: Set<string> }
  >();
  for (const { own, expression } of expressions) {
    const key = own.join();
    let set = byVariables.get(key);
    if (!set) {
      set = { variables: [...new Set([...SHARED_VARIABLES, ...own])], asked: new Set() };
      byVariables.set(key, set);
    }
    set.asked.add(expression);
  }
  const found = new Map<string, Checked>();
  for (const [key, { variables, asked }] of byVariables) {
    const all = [...asked];
    const answers = await engine.check(all, variables);
    for (const [i, expression] of all.entries()) {
      const answer = answers[i];
      if (answer) found.set(`${key} ${expression}`, answer);
    }
  }
  return expressions.map(({ own, expression }) => found.get(`${own.join()} ${expression}`));
}

function addProblems(
  list: ProblemList,
  place: ExpressionPlace,
  { problems }: Extract<Checked, { readonly ok: false }>,
): void {
  for (const { line, column, message } of problems) {
    const isUnknown = message.startsWith(UNKNOWN_VARIABLE);
    const isLookup = message.startsWith(`${UNKNOWN_VARIABLE}${LOOKUPS};`);
    if (isUnknown && !isLookup && place.hasDefault) continue;
    const said = isLookup ? `${message}; ${WHERE_LOOKUPS_ARE}` : message;
    const words = line === 0 ? said : `line ${line}, column ${column}: ${said}`;
    list.add(place.field, isUnknown ? 'UNKNOWN_VARIABLE' : 'BAD_EXPRESSION', worded(place, words));
  }
}

/** Looks whether what is named is there. */
function references(plan: Plan, { context, params }: WorkflowSpec, list: ProblemList, warnings: ProblemList) {
  const targets = targetsOf(plan);
  const waits = ancestors(plan);
  const written = new Set([...SECTIONS, ...Object.keys(context)]);
  for (const node of plan.nodes) if (node.kind === 'TASK') written.add(keysOf(node.resultKey)[0] ?? '');

  function ofResults(place: ExpressionPlace, name: Reference): string | null {
    const target = targets.ofResults(name, place.node);
    if (target.kind === 'UNKNOWN') return target.description;
    if (target.kind === 'NONE') return null;
    const { node } = target;
    if (node === place.node) return `${node.address} has no result before it has ended`;
    if (waits(place.node, node)) return null;
    return `${place.node.address} does not wait for ${node.address}`;
  }

  function ofParams(place: ExpressionPlace, [, name]: Reference): string | null {
    if (name === undefined || Object.hasOwn(params, name) || isGuarded(place, 'params', name)) return null;
    return `there is no parameter ${name}${meant(name, Object.keys(params))}`;
  }

  return (place: ExpressionPlace, name: Reference): void => {
    const [root, first] = name;
    const problem =
      root === 'results' ? ofResults(place, name) : root === 'params' ? ofParams(place, name) : null;
    if (problem !== null) {
      list.add(place.field, 'UNKNOWN_VARIABLE', worded(place, `${name.slice(0, 3).join('.')}: ${problem}`));
    }
    if (root !== 'context' || first === undefined || written.has(first)) return;
    if (isGuarded(place, 'context', first)) return;
    const words = `context.${first}: nothing that is known ahead writes it${meant(first, Object.keys(context))}`;
    warnings.add(place.field, 'UNKNOWN_VARIABLE', worded(place, words));
  };
}

/** Whether a node begins only after another one has ended, however far around. */
function ancestors({ nodes }: Plan): (node: PlanNode, other: PlanNode) => boolean {
  const { waits } = graphOf(nodes);
  // Expressions come node by node.
  let last: { readonly node: PlanNode; readonly all: ReadonlySet<number> } | undefined;
  return (node, other) => {
    if (last?.node !== node) last = { node, all: reachable(waits, node.node) };
    return last.all.has(endOf(nodes, other.node));
  };
}

function reachable(waits: readonly (readonly number[])[], from: number): ReadonlySet<number> {
  const seen = new Set<number>([from]);
  for (const vertex of seen) for (const next of at(waits, vertex)) seen.add(next);
  return seen;
}

/** What is wrong with what several tasks have from their group is told once. */
function createUniqueList(): ProblemList {
  const list = createProblemList();
  const seen = new Set<string>();
  return {
    problems: list.problems,
    add(field, reason, description) {
      const key = JSON.stringify([field, reason, description]);
      if (!seen.has(key)) list.add(field, reason, description);
      seen.add(key);
    },
  };
}
