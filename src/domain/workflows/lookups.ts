import type { JsonObject, JsonValue } from '../json.js';
import type { TaskNode } from './plan.js';
import { namedIn, referencesIn } from './references.js';

/** What one query may be, and one answer: as deep as libraries of all languages decode. */
export const LOOKUP_SIZE = { maxBytes: 256 * 1024, maxDepth: 32 } as const;

/** All queries of tasks that are made together, and all answers to them, as JSON. */
export const MAX_QUERIES_BYTES = 16 * 1024 * 1024;
export const MAX_ANSWERS_BYTES = 32 * 1024 * 1024;

/** The variable that templates have answers by. */
export const LOOKUPS = 'lookups';

/** What a task looks up, by name. */
export function lookupsOf({ template }: TaskNode): JsonObject {
  return template.lookups ?? {};
}

/** Those of `lookups` that templates name; all of them where one names the variable and does not go on with a name. */
export function lookupsNamedIn(templates: JsonValue, lookups: JsonObject): JsonObject {
  const named = new Set<string>();
  for (const expression of namedIn(templates)) {
    for (const [, name] of referencesIn(expression, [LOOKUPS])) {
      if (name === undefined) return lookups;
      named.add(name);
    }
  }
  return Object.fromEntries(Object.entries(lookups).filter(([name]) => named.has(name)));
}
