import { ReeveError } from '../../domain/errors.js';
import type { Put, RulesChanged } from '../../ports/config-record.js';

/** Each that fails saw another change of the same organisation get through. */
const MAX_TRIES = 10;

/**
 * Checks a change against the rules there are and writes it, anew for as long as they have changed in between.
 *
 * @param attempt checks, then writes as of the rules that were checked
 * @throws what `attempt` throws; ABORTED (RULES_CHANGED) if others were faster again and again
 */
export async function asOfRules<T>(
  org: string,
  attempt: () => Promise<Put<T> | RulesChanged | null>,
): Promise<Put<T> | null> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const answer = await attempt();
    if (answer?.kind !== 'RULES_CHANGED') return answer;
  }
  const message = `what organisation ${org} has set was changed by others each time that this was checked: say it again`;
  throw new ReeveError('ABORTED', 'RULES_CHANGED', message, { metadata: { org } });
}
