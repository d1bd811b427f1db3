import { nearest } from '../nearest.js';
import type { ExpressionPlace } from './expression-places.js';
import { fieldsOf } from './fields.js';
import { LOOKUPS, lookupsOf } from './lookups.js';
import type { Plan, PlanNode, Problem } from './plan.js';
import { type Reference, referencesIn } from './references.js';

/** Where templates have answers; for whoever names them elsewhere. */
export const WHERE_LOOKUPS_ARE =
  'lookups is there in input, instructions, message_template, files and keys of a task that has lookups, and not in what it expands over';

/** What is wrong with a name that an expression has of its own variables: `null`, unless it is a look-up that is not there. */
export function lookupProblem({ node }: ExpressionPlace, [root, name]: Reference): string | null {
  if (root !== LOOKUPS || name === undefined || node.kind !== 'TASK') return null;
  const lookups = lookupsOf(node);
  if (Object.hasOwn(lookups, name)) return null;
  const near = nearest(name, Object.keys(lookups));
  return `lookups.${name}: there is no look-up ${name}${near === undefined ? '' : `; did you mean ${near}?`}`;
}

/** UNUSED_LOOKUP for look-ups that no template names: they are never asked. */
export function unusedLookups({ nodes }: Plan, places: readonly ExpressionPlace[]): readonly Problem[] {
  const used = usedIn(places);
  const fieldOf = fieldsOf(nodes);
  return nodes.flatMap((node) => {
    if (node.kind !== 'TASK') return [];
    const names = used.get(node);
    if (names?.has(ANY)) return [];
    const unused = Object.keys(lookupsOf(node)).filter((name) => !names?.has(name));
    return unused.map((name) => ({
      field: `${fieldOf(node)}.lookups.${name}`,
      reason: 'UNUSED_LOOKUP',
      description: `no template of ${node.address} names lookups.${name}; it is not asked`,
    }));
  });
}

/** What an expression names that does not go on with a name. No look-up is called so. */
const ANY = '';

function usedIn(places: readonly ExpressionPlace[]): ReadonlyMap<PlanNode, ReadonlySet<string>> {
  const used = new Map<PlanNode, Set<string>>();
  for (const { node, expression, own } of places) {
    if (!own.includes(LOOKUPS)) continue;
    const names = used.get(node) ?? new Set();
    for (const [, name = ANY] of referencesIn(expression, [LOOKUPS])) names.add(name);
    used.set(node, names);
  }
  return used;
}
