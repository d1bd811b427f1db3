import { isObject } from '../../domain/policies/answer-fields.js';
import { arraysOf } from '../../domain/workflows/expansion/arrays.js';
import type { Field } from '../../domain/workflows/expansion/fields.js';
import { locate, originOf } from '../../domain/workflows/expansion/lookup.js';
import { valueIn } from '../../domain/workflows/expansion/paths.js';
import type { ExpressionPlace } from '../../domain/workflows/expression-places.js';
import type { Plan } from '../../domain/workflows/plan.js';
import type { ProblemList } from '../../domain/workflows/problem-list.js';
import { targetsOf } from '../../domain/workflows/reference-targets.js';
import type { Reference } from '../../domain/workflows/references.js';
import type { WorkflowSpec } from '../../domain/workflows/spec.js';
import { isGuarded, meant, worded } from './name-problems.js';

type Keys = ReadonlySet<string> | null;

/**
 * Looks whether what is named of `item` can be there. What no item has is a problem, as the names of its fields are known
 * ahead; what no element has is a warning, where its array is known: it may be changed before the task begins.
 */
export function itemNames(plan: Plan, spec: WorkflowSpec, list: ProblemList, warnings: ProblemList) {
  const targets = targetsOf(plan);
  const scope = { context: spec.context, params: spec.params, results: {}, now: 0 };
  const known = new Map<string, Keys>();

  function keysOf(place: ExpressionPlace, field: Field): Keys {
    const key = `${place.node.node} ${field.name} ${JSON.stringify(field.path)}`;
    let keys = known.get(key);
    if (keys === undefined) {
      keys = keysOfElements(place, field);
      known.set(key, keys);
    }
    return keys;
  }

  /** What there is in any element of the array that a field is taken from; `null`: it is not known. */
  function keysOfElements({ node }: ExpressionPlace, { origin, path }: Field): Keys {
    const expansion = node.kind === 'TASK' ? node.settings.expansion : null;
    if (node.kind !== 'TASK' || !expansion || origin.kind !== 'AXIS') return null;
    const array = arraysOf(expansion).filter(({ combined }) => combined)[origin.axis];
    if (!array) return null;
    const { input } = node.template;
    const from = originOf(array.path, input);
    if (from.kind === 'SHARED' && from.root === 'context') {
      if (targets.ofContext(['context', ...from.path.map(String)]).kind !== 'NONE') return null;
    }
    const located = locate(array.path, input, scope);
    if (!located.ok || located.values.length === 0) return null;
    const elements = located.values.map((element) => valueIn(element, path));
    if (elements.some(Array.isArray)) return null;
    return new Set(elements.flatMap((each) => (isObject(each ?? null) ? Object.keys(each ?? {}) : [])));
  }

  return (place: ExpressionPlace, [, first, second]: Reference): void => {
    if (first === undefined || isGuarded(place, 'item', first)) return;
    const field = place.item.find(({ name }) => name === first);
    if (!field) {
      const names = place.item.map(({ name }) => name);
      const has = names.length === 0 ? '' : `; it has ${names.join(', ')}`;
      const words = `item.${first}: no item has ${first}${meant(first, names) || has}`;
      list.add(place.field, 'UNKNOWN_VARIABLE', worded(place, words));
      return;
    }
    if (second === undefined || isGuarded(place, `item.${first}`, second)) return;
    const keys = keysOf(place, field);
    if (keys === null || keys.has(second)) return;
    const words = `item.${first}.${second}: no element has ${second}${meant(second, keys)}`;
    warnings.add(place.field, 'UNKNOWN_VARIABLE', worded(place, words));
  };
}
