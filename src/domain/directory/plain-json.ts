import type { FieldViolation } from '../errors.js';
import type { JsonObject, JsonValue } from '../json.js';
import { sizeProblem } from '../json-size.js';

/** How large the attributes of a role or a subject may be, as JSON, and how deep. */
export const MAX_ATTRIBUTE_BYTES = 16 * 1024;
export const MAX_ATTRIBUTE_DEPTH = 8;

/** What no store keeps: NUL, halves of pairs. */
const UNSTORABLE = /\0|\p{Cs}/u;

/** @returns what is wrong with a text, `null` if nothing is */
export function textProblem(text: string): string | null {
  return UNSTORABLE.test(text) ? 'must not contain NUL characters or halves of surrogate pairs' : null;
}

/** What is wrong with the attributes of a role or a subject. */
export function checkAttributes(attributes: JsonObject, field: string): readonly FieldViolation[] {
  const bounds = { maxBytes: MAX_ATTRIBUTE_BYTES, maxDepth: MAX_ATTRIBUTE_DEPTH };
  const problem = sizeProblem(attributes, bounds) ?? problemIn(attributes);
  return problem === null ? [] : [{ field, description: problem }];
}

function problemIn(value: JsonValue): string | null {
  if (typeof value === 'string') return textProblem(value);
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, one] of Object.entries(value)) {
    const problem = textProblem(key) ?? problemIn(one);
    if (problem) return problem;
  }
  return null;
}
