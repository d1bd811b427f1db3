import { highestShareInUse } from './reported-load.js';
import { type Candidate, cheapest, loadShare, type Situation, strategy } from './strategy.js';

/** Slow start: after so many attempts or so much time an agent counts in full. */
const SLOW_START_ATTEMPTS = 8;
const SLOW_START_MS = 60_000;
const LEAST_SHARE = 0.1;
/** From this share in use on, of slots or of the machine, an agent is hot. */
const HOT = 0.9;
/** More than any cool agent's cost: hot ones come last, the least loaded of them first. */
const HOT_COST = 1e9;

/** By so much longer, as a part, an agent that is full takes than one that is idle: slots mostly work side by side. */
const CROWDING = 0.25;

/**
 * Where the task is likely done first: (1 + a quarter of the load) ÷ (measured speed × success rate). Measured in S4:
 * by (in flight + 1) ÷ slots fast agents stood idle at light loads while slow ones worked, and tasks took 11 % longer.
 * New agents count as a tenth at first, so that nobody who is untried is flooded; hot ones get something only where
 * all are hot.
 */
export const shortestExpected = strategy(
  'SHORTEST_EXPECTED',
  {
    measure: '(1 + a quarter of tasks in flight ÷ slots) ÷ (speed × success rate); beyond 1e9: it is hot',
    costOf: (candidate, _task, situation) => expected(candidate, situation),
  },
  (_task, candidates, situation) => cheapest(candidates, (c) => expected(c, situation), situation.note),
);

function expected(candidate: Candidate, { now, measured }: Situation): number {
  if (isHot(candidate, now)) return HOT_COST + loadShare(candidate);
  const { agentId, since } = candidate;
  const { attempts, speed, successRate } = measured(agentId);
  const known = Math.max(attempts / SLOW_START_ATTEMPTS, (now - since) / SLOW_START_MS);
  const share = Math.min(1, Math.max(LEAST_SHARE, known));
  return (1 + CROWDING * loadShare(candidate)) / (share * speed * successRate);
}

function isHot(candidate: Candidate, now: Situation['now']): boolean {
  return loadShare(candidate) >= HOT || highestShareInUse(candidate, now) >= HOT;
}
