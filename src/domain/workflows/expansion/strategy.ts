import type { ExpansionSpec, MergeStrategy } from './spec.js';

/** How outputs become one: as it says; by its reducer if it has one; else DEEP for MERGE, AVERAGE for SINGLE. */
export function strategyOf({ mergeStrategy, reducer, outputFormat }: ExpansionSpec): MergeStrategy {
  if (mergeStrategy) return mergeStrategy;
  if (reducer !== '') return 'REDUCE';
  return outputFormat === 'SINGLE' ? 'AVERAGE' : 'DEEP';
}
