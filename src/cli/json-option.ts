import type { JsonObject } from '@bufbuild/protobuf';
import { usageError } from './failure.js';
import type { Given } from './given.js';

/** `--filter '{"role_type":"reviewer"}'`; `undefined` if it was not given. */
export function objectOf(given: Given, name: string): JsonObject | undefined {
  const raw = given.text(name);
  if (raw === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch (error) {
    throw usageError(`--${name}: is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw usageError(`--${name}: expected a JSON object, such as {"team":"core"}`);
  }
  return value as JsonObject;
}
