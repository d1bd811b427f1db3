import { limitsAnything, type OrgLimits } from '../domain/limits/org-limits.js';
import type { FairnessWeights } from '../domain/limits/weights.js';
import type { Operation } from './operations.js';

/**
 * What tells Redis what an organisation lets run at once and what its fairness keys weigh, as
 * `scripts/parts/limits.lua` keeps it; `null`: it has set nothing of it, which need not be told to one that knows none.
 */
export function limitsOperation(limits: OrgLimits, weights: FairnessWeights): Operation | null {
  if (!limitsAnything(limits) && Object.keys(weights).length === 0) return null;
  return toOperation(limits, weights);
}

/** The same where something else was told before. */
export function toOperation(limits: OrgLimits, weights: FairnessWeights): Operation {
  const { version, maxConcurrent, maxBusyAgents, reservedSlots, keys } = limits;
  const ends = Object.keys(keys).filter((name) => name.endsWith('*'));
  const lengths = [...new Set(ends.map((name) => name.length - 1))].sort((a, b) => b - a);
  const fields: string[] = ['ends', lengths.join(' ')];
  for (const [name, { maxConcurrent: most, rate }] of Object.entries(keys)) {
    fields.push(`k:${name}`, `${most ?? ''} ${rate?.count ?? ''} ${rate?.periodMs ?? ''}`);
  }
  for (const [name, weight] of Object.entries(weights)) fields.push(`w:${name}`, String(weight));
  const text = (value: number | null) => (value === null ? '' : String(value));
  const [most, busy] = [text(maxConcurrent), text(maxBusyAgents)];
  return { op: 'limits', version, most, busy, slots: reservedSlots, limited: limitsAnything(limits), fields };
}
