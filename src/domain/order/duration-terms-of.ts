import type { OrgConfig } from '../config/org-config.js';
import { DURATION_TERMS, type DurationTerms, NO_DURATION_TERMS } from './duration-term.js';

/** How much an organisation's long tasks stand back. @param server by the server's formula, where it has set none */
export function durationTermsOf(
  {
    priorityFormula,
    durationFactors,
    durationCapMs,
  }: Pick<OrgConfig, 'priorityFormula' | 'durationFactors' | 'durationCapMs'>,
  server: DurationTerms,
): DurationTerms {
  if (priorityFormula === 'fcfs') return NO_DURATION_TERMS;
  const { factors, capMs } = priorityFormula === null ? server : DURATION_TERMS;
  if (capMs === 0) return NO_DURATION_TERMS;
  return { factors: { ...factors, ...durationFactors }, capMs: durationCapMs };
}
