import type { JsonValue } from '@bufbuild/protobuf';
import { usageError } from './failure.js';

/** What is meant to be JSON, however it fails. */
const MEANT_AS_JSON = /^\s*[[{"]/;

/**
 * JSON, or any other text as itself, so that words need no quotes: `static`, `30s`, `a > b`.
 *
 * @throws a usage error for what begins like JSON and is none
 */
export function jsonOrWord(text: string, name: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    if (!MEANT_AS_JSON.test(text)) return text;
    const cause = error instanceof Error ? error.message : String(error);
    throw usageError(`${name} is not JSON: ${cause}`);
  }
}
