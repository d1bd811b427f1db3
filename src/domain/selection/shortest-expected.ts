import { highestShareInUse } from './reported-load.js';
import { type Candidate, cheapest, loadShare, type Situation, type Strategy } from './strategy.js';

/** Slow start: after so many attempts or so much time an agent counts in full. */
const SLOW_START_ATTEMPTS = 8;
const SLOW_START_MS = 60_000;
const LEAST_SHARE = 0.1;
/** From this share in use on, of slots or of the machine, an agent is hot. */
const HOT = 0.9;
/** More than any cool agent's cost: hot ones come last, the least loaded of them first. */
const HOT_COST = 1e9;

/**
 * Where the task is likely done first: (in flight + 1) ÷ (capacity × measured speed × success
 * rate). New agents count as a tenth at first, so that nobody who is untried is flooded; hot
 * ones get something only where all are hot.
 */
export const shortestExpected: Strategy = (_task, candidates, situation) =>
  cheapest(candidates, (c) => {
    if (isHot(c, situation.now)) return HOT_COST + loadShare(c);
    const { attempts, speed, successRate } = situation.measured(c.agentId);
    const known = Math.max(attempts / SLOW_START_ATTEMPTS, (situation.now - c.since) / SLOW_START_MS);
    const share = Math.min(1, Math.max(LEAST_SHARE, known));
    return (c.inFlight + 1) / (c.slots * share * speed * successRate);
  });

function isHot(candidate: Candidate, now: Situation['now']): boolean {
  return loadShare(candidate) >= HOT || highestShareInUse(candidate, now) >= HOT;
}
