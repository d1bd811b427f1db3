import type { QueuePart, Tier } from '@reeve/sdk';
import type { Option } from './command.js';
import { usageError } from './failure.js';
import type { Given } from './given.js';
import { TIERS } from './states.js';

/** The options that choose a part of the queue. */
export const PART_OPTIONS: readonly Option[] = [
  { name: 'tier', value: 'TIER', doc: 'only this tier', choices: TIERS },
  { name: 'kind', value: 'KIND', doc: 'only this kind' },
];

/** Says that all of it is meant. */
export const WHOLE: Option = { name: 'all', doc: 'the whole queue, instead of a tier or kind' };

/** What was given of them; empty if nothing was. Refuses an empty kind, as an unset variable of a shell gives it. */
export function partFrom(given: Given): QueuePart {
  const tier = given.text('tier') as Tier | undefined;
  const kind = given.text('kind');
  if (kind === '') throw usageError('--kind is empty');
  return { ...(tier && { tier }), ...(kind !== undefined && { kind }) };
}

/** The same where everything has to be asked for in so many words. */
export function chosenPart(given: Given): QueuePart {
  const part = partFrom(given);
  const isAll = given.switched('all') ?? false;
  const isPart = Object.keys(part).length > 0;
  if (isAll && isPart) throw usageError('--all and a part exclude each other');
  if (!isAll && !isPart) throw usageError('which part? Say --tier, --kind, or --all');
  return part;
}
