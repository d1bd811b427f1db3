import type { JsonObject, JsonValue } from '../../domain/json.js';
import type { ValuePath } from '../../domain/workflows/paths.js';
import { plainPath, plainValue } from '../../domain/workflows/plain-path.js';
import {
  readTemplates,
  type TemplatedValue,
  type TemplatePlace,
  TextTooLong,
} from '../../domain/workflows/templated-value.js';
import type { Evaluation, ExpressionEngine, ExpressionOutcome } from '../../ports/expression-engine.js';

/** A filled value; or which template, or which of its variables, there is something wrong with. */
export type Rendered =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly description: string };

/** What an expression came to for each of `own`; one for all of them if it names nothing of theirs. */
type Outcomes = readonly ExpressionOutcome[];

/**
 * Fills every text of a value, once for each of `own`; keys stay as they are. Paths alone, `item.user.name`, are looked
 * up here (measured: 0.3 µs of a processor each, through the engine 4 µs); all else is evaluated in one call, and those
 * defaults that are needed in another.
 *
 * @throws UNAVAILABLE if the engine is stopped
 */
export async function render(
  engine: Pick<ExpressionEngine, 'evaluate'>,
  org: string,
  value: JsonValue,
  shared: JsonObject,
  own: readonly JsonObject[],
): Promise<readonly Rendered[]> {
  const templates = readTemplates(value);
  const [bad] = templates.bad;
  if (bad) return own.map(() => ({ ok: false, description: located(bad.field, bad.message) }));
  if (templates.places.length === 0 || own.length === 0) return own.map(() => ({ ok: true, value }));

  const { places } = templates;
  const scope: Scope = { engine, org, shared, own, names: Object.keys(own[0] ?? {}) };
  const found = await evaluateAll(
    scope,
    places.map(({ expression }) => expression.expression),
  );
  const defaults = await evaluateDefaults(scope, places, found);
  return own.map((_, at) => filled(templates, found, defaults, at));
}

interface Scope {
  readonly engine: Pick<ExpressionEngine, 'evaluate'>;
  readonly org: string;
  readonly shared: JsonObject;
  readonly own: readonly JsonObject[];
  /** Of own variables. */
  readonly names: readonly string[];
}

/** Each expression once, however often it stands there. */
async function evaluateAll(scope: Scope, expressions: readonly string[]): Promise<readonly Outcomes[]> {
  const outcomes = new Map<string, Outcomes>();
  const asked = new Map<string, Evaluation>();
  for (const expression of expressions) {
    if (outcomes.has(expression) || asked.has(expression)) continue;
    const isOwn = mentions(expression, scope.names);
    const own = isOwn ? scope.own : scope.own.slice(0, 1);
    const path = plainPath(expression);
    const looked = path && lookUp(path, own, scope.shared);
    if (looked) outcomes.set(expression, looked);
    else asked.set(expression, { expression, shared: scope.shared, own });
  }
  if (asked.size > 0) {
    const answers = await scope.engine.evaluate(scope.org, [...asked.values()]);
    for (const [at, expression] of [...asked.keys()].entries()) outcomes.set(expression, answers[at] ?? []);
  }
  return expressions.map((expression) => outcomes.get(expression) ?? []);
}

/** `null`: its variable is none of those; what CEL says of that is better. */
function lookUp(path: ValuePath, own: readonly JsonObject[], shared: JsonObject): Outcomes | null {
  const outcomes: ExpressionOutcome[] = [];
  for (const each of own) {
    const found = plainValue(path, each, shared);
    if (found === null) return null;
    outcomes.push(found.ok ? found : { ok: false, failure: 'MISSING', message: found.message });
  }
  return outcomes;
}

/** Defaults by place, as far as anything is missing there. */
async function evaluateDefaults(
  scope: Scope,
  places: readonly TemplatePlace[],
  found: readonly Outcomes[],
): Promise<ReadonlyMap<number, Outcomes>> {
  const needed = new Map<number, string>();
  for (const [at, { expression }] of places.entries()) {
    if (expression.fallback !== null && found[at]?.some(isNothing)) needed.set(at, expression.fallback);
  }
  if (needed.size === 0) return new Map();
  const outcomes = await evaluateAll(scope, [...needed.values()]);
  return new Map([...needed.keys()].map((place, n) => [place, outcomes[n] ?? []]));
}

function filled(
  { places, fill }: TemplatedValue,
  found: readonly Outcomes[],
  defaults: ReadonlyMap<number, Outcomes>,
  at: number,
): Rendered {
  const values: JsonValue[] = [];
  for (const [place, { field, expression }] of places.entries()) {
    let outcome = outcomeAt(found[place], at);
    const instead = defaults.get(place);
    if (instead && isNothing(outcome)) outcome = outcomeAt(instead, at);
    if (!outcome.ok) {
      return { ok: false, description: located(field, `${expression.shown}: ${outcome.message}`) };
    }
    values.push(outcome.value);
  }
  try {
    return { ok: true, value: fill(values) };
  } catch (error) {
    if (error instanceof TextTooLong) return { ok: false, description: error.message };
    throw error;
  }
}

const UNANSWERED: ExpressionOutcome = { ok: false, failure: 'ERROR', message: 'it was not evaluated' };

function outcomeAt(outcomes: Outcomes = [], at: number): ExpressionOutcome {
  return outcomes[outcomes.length === 1 ? 0 : at] ?? UNANSWERED;
}

function isNothing(outcome: ExpressionOutcome): boolean {
  return outcome.ok ? outcome.value === null : outcome.failure === 'MISSING';
}

/** Whether an expression may name one of these variables; rather too often than not. */
function mentions(expression: string, names: readonly string[]): boolean {
  return names.some((name) => expression.includes(name));
}

function located(field: string, message: string): string {
  return field === '' ? message : `${field}: ${message}`;
}
