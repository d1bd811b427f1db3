import type { JsonValue } from '../../domain/json.js';
import type { SourceArray } from '../../domain/workflows/expansion/arrays.js';
import { holds, incomparable, parseComparison } from '../../domain/workflows/expansion/comparison.js';
import { grouped, MAX_COMBINATIONS } from '../../domain/workflows/expansion/counting.js';
import { locate } from '../../domain/workflows/expansion/lookup.js';
import { expansionFailed, NotExpanded } from '../../domain/workflows/expansion/not-expanded.js';
import { templatedSources, withRendered } from '../../domain/workflows/expansion/templated-sources.js';
import type { Scope } from '../../domain/workflows/scope.js';
import { type Asking, evaluateAll, yesOrNo } from './evaluate-all.js';
import { render } from './render.js';

/** Arrays of an expansion, in their order, and the keys of the task's input that they came from. */
export interface FoundArrays {
  readonly values: readonly (readonly JsonValue[])[];
  readonly sources: readonly string[];
}

/**
 * Looks arrays up, and leaves out elements that filters do not let stay.
 *
 * @throws {NotExpanded} if one is not there, is no list, or cannot be filtered
 */
export async function findArrays(
  asking: Asking,
  arrays: readonly SourceArray[],
  input: JsonValue,
  scope: Scope,
): Promise<FoundArrays> {
  const values: (readonly JsonValue[])[] = [];
  const sources = new Set<string>();
  const rendered = await renderSources(asking, arrays, input);
  for (const array of arrays) {
    const located = locate(array.path, rendered, scope);
    if (!located.ok) throw expansionFailed(`array ${array.name}: ${located.problem}`);
    if (located.source !== null) sources.add(located.source);
    values.push(await filtered(asking, array, located.values));
  }
  return { values, sources: [...sources] };
}

/** The input, in which arrays that are templates are lists. */
async function renderSources(
  { engine, org, shared }: Asking,
  arrays: readonly SourceArray[],
  input: JsonValue,
): Promise<JsonValue> {
  let changed = input;
  const paths = arrays.map(({ path }) => path);
  for (const { at, value } of templatedSources(paths, input)) {
    const [rendered] = await render(engine, org, value, shared, [{}]);
    if (!rendered?.ok) throw expansionFailed(`input.${at.join('.')}: ${rendered?.description}`);
    changed = withRendered(changed, at, rendered.value);
  }
  return changed;
}

async function filtered(
  asking: Asking,
  { name, filter }: SourceArray,
  values: readonly JsonValue[],
): Promise<readonly JsonValue[]> {
  if (!filter) return values;
  const where = `transform_rules.filter["${filter.key}"]`;
  const parsed = parseComparison(filter.rule);
  if (parsed.kind === 'WRONG') throw expansionFailed(`${where}: ${parsed.problem}`);
  if (parsed.kind === 'NONE') return filteredByCel(asking, where, filter.rule, values);
  return values.filter((element, at) => {
    const problem = incomparable(element);
    if (problem) throw expansionFailed(`${where}: ${name}[${at}] ${problem}`);
    return holds(parsed.comparison, element);
  });
}

async function filteredByCel(
  asking: Asking,
  where: string,
  rule: string,
  values: readonly JsonValue[],
): Promise<readonly JsonValue[]> {
  if (values.length > MAX_COMBINATIONS) {
    const [length, most] = [grouped(values.length), grouped(MAX_COMBINATIONS)];
    throw new NotExpanded(`TOO_MANY_ITEMS: ${length} elements for ${where}, at most ${most}`);
  }
  const kept: JsonValue[] = [];
  const ownOf = (n: number) => ({ element: values[n] ?? null });
  await evaluateAll(asking, [rule], values.length, ownOf, ([outcome], n) => {
    const stays = yesOrNo(outcome);
    if (typeof stays === 'string') throw expansionFailed(`${where}, of element ${n + 1}: ${stays}`);
    if (stays) kept.push(values[n] ?? null);
    return true;
  });
  return kept;
}
