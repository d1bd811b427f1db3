import { haversine } from '../agents/location.js';
import { type Candidate, cheapest, strategy, type TaskFacts } from './strategy.js';

/** More than any distance, which are from 0 to 1. */
const UNKNOWN = 2;
const OTHER_REGION = 4;

/**
 * Agents of the region that the task prefers, then the nearest to its point (those that name
 * no point last), then the least loaded. A task without a preference goes to the least loaded.
 */
export const geographic = strategy(
  'GEOGRAPHIC',
  { measure: 'distance, 0 to 1; +4 in another region; 2 where it names no place', costOf: away },
  (task, candidates, { note }) => cheapest(candidates, (candidate) => away(candidate, task), note),
);

function away({ spec }: Candidate, { prefer }: TaskFacts): number {
  if (prefer === null) return 0;
  const elsewhere = prefer.region !== null && spec.region !== prefer.region ? OTHER_REGION : 0;
  if (prefer.location === null) return elsewhere;
  return elsewhere + (spec.location ? haversine(prefer.location, spec.location) : UNKNOWN);
}
