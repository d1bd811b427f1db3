import type { FieldViolation } from '../errors.js';
import type { JsonObject, JsonValue } from '../json.js';

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
  const problem = problemIn(attributes, 0);
  if (problem) return [{ field, description: problem }];
  if (Buffer.byteLength(JSON.stringify(attributes)) <= MAX_ATTRIBUTE_BYTES) return [];
  return [{ field, description: `must be at most ${MAX_ATTRIBUTE_BYTES} bytes as JSON` }];
}

function problemIn(value: JsonValue, depth: number): string | null {
  if (typeof value === 'string') return textProblem(value);
  if (typeof value !== 'object' || value === null) return null;
  if (depth > MAX_ATTRIBUTE_DEPTH) return `must be at most ${MAX_ATTRIBUTE_DEPTH} deep`;
  for (const [key, one] of Object.entries(value)) {
    const problem = textProblem(key) ?? problemIn(one, depth + 1);
    if (problem) return problem;
  }
  return null;
}
