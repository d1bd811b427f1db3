import type { JsonValue } from './json.js';

/** How deep a value is: 0 for what holds nothing. Looks no deeper than `limit`. */
export function depthOf(value: JsonValue, limit: number): number {
  if (typeof value !== 'object' || value === null || limit === 0) return 0;
  let deepest = 0;
  for (const inner of Object.values(value)) deepest = Math.max(deepest, depthOf(inner, limit - 1));
  return deepest + 1;
}

/** A key that decoders of JavaScript lose. In a text it has escaped quotes. */
const LOST_KEY = /"__proto__":/;

/** What is wrong with a value that is to be kept; completes a sentence that begins with it. */
export function sizeProblem(
  value: JsonValue,
  { maxBytes, maxDepth }: { readonly maxBytes: number; readonly maxDepth: number },
): string | null {
  // First: what is too deep cannot be written down.
  if (depthOf(value, maxDepth + 1) > maxDepth) return `must not be nested deeper than ${maxDepth}`;
  const text = JSON.stringify(value);
  if (LOST_KEY.test(text)) return 'must not have the key __proto__';
  const bytes = Buffer.byteLength(text);
  return bytes > maxBytes ? `must have at most ${maxBytes} bytes as JSON, not ${bytes}` : null;
}
