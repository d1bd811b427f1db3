import { unavailable } from '../../domain/errors.js';
import type { JsonObject, JsonValue } from '../../domain/json.js';
import { typeName, wordsOf } from '../../domain/policies/answer-fields.js';
import type { ExpressionEngine, ExpressionOutcome } from '../../ports/expression-engine.js';

/** So many evaluations are asked for at once; others wait their turn meanwhile. */
const AT_ONCE = 2_000;

/** Whose expressions are evaluated, and with which variables besides those of each. */
export interface Asking {
  readonly engine: ExpressionEngine;
  readonly org: string;
  readonly shared: JsonObject;
}

/**
 * Evaluates expressions over many values, some at a time, in order.
 *
 * @param own makes the variables of the n-th, from 0
 * @param take gets what came of each expression over the n-th; `false`: nothing further is to be evaluated
 * @throws {ReeveError} UNAVAILABLE
 */
export async function evaluateAll(
  { engine, org, shared }: Asking,
  expressions: readonly string[],
  count: number,
  own: (n: number) => JsonObject,
  take: (outcomes: readonly ExpressionOutcome[], n: number) => boolean,
): Promise<void> {
  if (expressions.length === 0) return;
  const size = Math.max(1, Math.floor(AT_ONCE / expressions.length));
  for (let from = 0; from < count; from += size) {
    const batch: JsonObject[] = [];
    for (let n = from; n < Math.min(count, from + size); n++) batch.push(own(n));
    const asked = expressions.map((expression) => ({ expression, shared, own: batch }));
    const answers = await engine.evaluate(org, asked);
    for (let at = 0; at < batch.length; at++) {
      const outcomes = answers.map((of) => there(of[at]));
      if (!take(outcomes, from + at)) return;
    }
  }
}

/** @throws {ReeveError} UNAVAILABLE, if it could not be evaluated for a reason that passes */
function there(outcome: ExpressionOutcome | undefined): ExpressionOutcome {
  if (!outcome) throw unavailable('EXPRESSIONS_UNAVAILABLE', 'an expression was not answered');
  if (outcome.ok || outcome.failure !== 'UNAVAILABLE') return outcome;
  throw unavailable('EXPRESSIONS_UNAVAILABLE', outcome.message);
}

/** A yes or no, or why there is none. */
export function yesOrNo(outcome: ExpressionOutcome | undefined): boolean | string {
  if (!outcome) return 'was not evaluated';
  if (!outcome.ok) return outcome.message;
  return typeof outcome.value === 'boolean'
    ? outcome.value
    : `must be a bool, not ${typeName(outcome.value)}`;
}

/** What a check has against something: nothing (`null`) if it is true or an empty text. */
export function objectionOf(outcome: ExpressionOutcome | undefined, whenFalse: string): string | null {
  if (!outcome) return 'was not evaluated';
  if (!outcome.ok) return outcome.message;
  const { value } = outcome;
  if (value === true || value === '') return null;
  if (value === false) return whenFalse;
  if (typeof value === 'string') return wordsOf(value);
  return `must be a bool or a text, not ${typeName(value)}`;
}

/** How large a value is as JSON, in characters. */
export function lengthOf(value: JsonValue): number {
  if (typeof value === 'string') return value.length + 2;
  return typeof value === 'object' && value !== null ? JSON.stringify(value).length : 8;
}
