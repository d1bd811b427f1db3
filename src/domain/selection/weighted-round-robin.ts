import type { Candidate, Candidates, Situation, Strategy, Turn } from './strategy.js';

/** So that nobody is left out for good, whatever was measured. */
const LEAST_WEIGHT = 0.01;

/**
 * In turn, by weight, and spread evenly (as nginx does): at each choice everybody earns its
 * weight, and who has earned most is chosen and pays what all have earned together. Weights
 * 5, 1, 1 give a a b a c a a.
 */
export const weightedRoundRobin: Strategy = <C extends Candidate>(
  _task: unknown,
  candidates: Candidates<C>,
  situation: Situation,
) => {
  const { turns } = situation;
  let best: C | null = null;
  let most = 0;
  let total = 0;
  for (const candidate of candidates) {
    const weight = weightOf(candidate, situation);
    const turn = turnOf(turns, candidate.sessionId);
    turn.earned += weight;
    total += weight;
    const { earned } = turn;
    if (best !== null && (earned < most || (earned === most && !isBefore(candidate, best)))) continue;
    best = candidate;
    most = earned;
  }
  if (best) turnOf(turns, best.sessionId).earned -= total;
  return best;
};

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
