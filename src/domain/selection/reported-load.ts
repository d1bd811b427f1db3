import type { LoadReport } from '../agents/agent.js';
import type { Candidate } from './strategy.js';

/** What an unreported share counts as. */
const NEUTRAL = 0.5;

/** The mean share of processor, memory and accelerator in use, as reported lately; else neutral. */
export function meanShareInUse(candidate: Candidate, now: number): number {
  const load = latestLoad(candidate, now);
  if (load === null) return NEUTRAL;
  return ((load.cpu ?? NEUTRAL) + (load.memory ?? NEUTRAL) + (load.gpu ?? NEUTRAL)) / 3;
}

/** The highest of those shares that was reported lately; else neutral. */
export function highestShareInUse(candidate: Candidate, now: number): number {
  const load = latestLoad(candidate, now);
  return load === null ? NEUTRAL : Math.max(load.cpu ?? 0, load.memory ?? 0, load.gpu ?? 0);
}

function latestLoad({ agent: { report } }: Candidate, now: number): LoadReport | null {
  return report !== null && now <= report.until ? report.load : null;
}
