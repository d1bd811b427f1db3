import type { JsonObject, JsonValue } from '../json.js';

/** What a key's turn is worth beside the others'; those that are not named weigh 1. */
export type FairnessWeights = Readonly<Record<string, number>>;

const MAX_KEYS = 1_000;
const WEIGHT = { min: 0.001, max: 1_000 } as const;

export const WEIGHTS_ACCEPTED = `an object with at most ${MAX_KEYS} weights by key, each a number from ${WEIGHT.min} to ${WEIGHT.max}`;

/** `undefined` if it is not taken. */
export function readWeights(value: JsonValue): FairnessWeights | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value as JsonObject);
  if (entries.length > MAX_KEYS) return undefined;
  const weights: [string, number][] = [];
  for (const [key, weight] of entries) {
    if (typeof weight !== 'number' || weight < WEIGHT.min || weight > WEIGHT.max) return undefined;
    weights.push([key, weight]);
  }
  return Object.fromEntries(weights);
}

/** @param key `null`: of those that name none */
export function weightOf(weights: FairnessWeights, key: string | null): number {
  return key !== null && Object.hasOwn(weights, key) ? (weights[key] ?? 1) : 1;
}
