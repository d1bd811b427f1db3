import { type Candidate, type Candidates, type Situation, strategy, type Turn } from './strategy.js';

/** So that nobody is left out for good, whatever was measured. */
const LEAST_WEIGHT = 0.01;

/**
 * In turn, by weight, and spread evenly (as nginx does): at each choice everybody earns its
 * weight, and who has earned most is chosen and pays what all have earned together. Weights
 * 5, 1, 1 give a a b a c a a.
 */
export const weightedRoundRobin = strategy(
  'WEIGHTED_ROUND_ROBIN',
  {
    measure: '− the weight it has earned less what its turns cost',
    costOf: (candidate, _task, situation) =>
      -((situation.turns.get(candidate.sessionId)?.earned ?? 0) + weightOf(candidate, situation)),
  },
  choose,
);

function choose<C extends Candidate>(
  _task: unknown,
  candidates: Candidates<C>,
  situation: Situation,
): C | null {
  const { turns, note } = situation;
  let best: C | null = null;
  let most = 0;
  let second: C | null = null;
  let next = 0;
  let total = 0;
  for (const candidate of candidates) {
    const weight = weightOf(candidate, situation);
    const turn = turnOf(turns, candidate.sessionId);
    turn.earned += weight;
    total += weight;
    const { earned } = turn;
    if (best === null || earned > most || (earned === most && isBefore(candidate, best))) {
      second = best;
      next = most;
      best = candidate;
      most = earned;
    } else if (second === null || earned > next || (earned === next && isBefore(candidate, second))) {
      second = candidate;
      next = earned;
    }
  }
  if (note) {
    note.cost = best && -most;
    note.runnerUp = second;
    note.runnerUpCost = second && -next;
  }
  if (best) turnOf(turns, best.sessionId).earned -= total;
  return best;
}

function turnOf(turns: Situation['turns'], sessionId: string): Turn {
  const known = turns.get(sessionId);
  if (known) return known;
  const turn = { earned: 0 };
  turns.set(sessionId, turn);
  return turn;
}

/** As the agent declares, else as measured: speed × success rate, which is 1 to begin with. */
function weightOf({ spec, agentId }: Candidate, { measured }: Situation): number {
  if (spec.weight !== null) return Math.max(LEAST_WEIGHT, spec.weight);
  const { speed, successRate } = measured(agentId);
  return Math.max(LEAST_WEIGHT, speed * successRate);
}

function isBefore(a: Candidate, b: Candidate): boolean {
  return a.agentId === b.agentId ? a.sessionId < b.sessionId : a.agentId < b.agentId;
}
