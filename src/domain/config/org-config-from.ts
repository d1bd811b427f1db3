import type { JsonValue } from '../json.js';
import { TIERS, type Tier } from '../tasks/tier.js';
import type { ConfigKey } from './config-key.js';
import { CONFIG_KEYS, DURATION_FACTOR_KEYS, HEAD_START_KEYS } from './config-keys.js';
import { DEFAULT_ORG_CONFIG, type OrgConfig } from './org-config.js';

/** A parameter that is set. */
export interface SetParameter {
  readonly key: string;
  readonly value: JsonValue;
}

/** What holds, and what of it could not be read. */
export interface ReadConfig {
  readonly config: OrgConfig;
  /** Keys whose values are not taken (any more): their defaults hold. */
  readonly refused: readonly string[];
}

/** An organisation's parameters with defaults filled in. Never throws, whatever is stored. */
export function orgConfigFrom(parameters: readonly SetParameter[]): ReadConfig {
  if (parameters.length === 0) return { config: DEFAULT_ORG_CONFIG, refused: [] };
  const values = new Map(parameters.map(({ key, value }) => [key, value]));
  const refused: string[] = [];

  function read<T>({ key, parse, default: otherwise }: ConfigKey<T>): T {
    const value = values.get(key);
    if (value === undefined) return otherwise;
    const parsed = parse(value);
    if (parsed === undefined) refused.push(key);
    return parsed ?? otherwise;
  }

  const fields = Object.entries<ConfigKey<unknown>>(CONFIG_KEYS).map(([field, key]) => [field, read(key)]);
  function byTier(keys: Readonly<Record<Tier, ConfigKey<number | null>>>): Partial<Record<Tier, number>> {
    const set: Partial<Record<Tier, number>> = {};
    for (const tier of TIERS) {
      const value = read(keys[tier]);
      if (value !== null) set[tier] = value;
    }
    return set;
  }

  const headStarts = byTier(HEAD_START_KEYS);
  const durationFactors = byTier(DURATION_FACTOR_KEYS);
  const known = Object.fromEntries(fields) as Omit<OrgConfig, 'headStarts' | 'durationFactors' | 'values'>;
  return {
    config: { ...known, headStarts, durationFactors, values: Object.fromEntries(values) },
    refused,
  };
}
