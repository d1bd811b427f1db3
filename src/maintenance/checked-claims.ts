import { byOrg } from '../domain/by-org.js';
import type { Reservation } from '../ports/ready-index.js';
import type { Ports } from '../usecases/ports.js';
import { mayNeedValidation } from '../usecases/validate-tasks.js';

/** Tasks that are checked and claimed at once: within the time that a reservation lasts, if each takes all it may. */
const AT_ONCE = 50;
/** Reservations that are older are given back; they lapse after 5 s. */
const TOO_OLD_MS = 3_000;

/** Claims of organisations that check tasks right before an agent gets them. */
export interface CheckedClaims {
  /** Takes over what has to be checked. @returns the others, in order */
  take(reservations: readonly Reservation[]): readonly Reservation[];
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

/**
 * Claims go beside those of others, so that an organisation whose checks take long keeps nobody else waiting: one
 * batch at a time of each. What comes meanwhile is given back to its place when that is over.
 *
 * @param claim checks and claims a batch; never rejects
 */
export function createCheckedClaims(
  { orgRules, clock, index, log }: Pick<Ports, 'orgRules' | 'clock' | 'index' | 'log'>,
  claim: (reservations: readonly Reservation[]) => Promise<void>,
): CheckedClaims {
  const underWay = new Map<string, Promise<void>>();
  /** Came meanwhile, by organisation. */
  const late = new Map<string, Reservation[]>();

  async function claimAll(org: string, reservations: readonly Reservation[]): Promise<void> {
    const began = clock.monotonic();
    let at = 0;
    while (at < reservations.length && clock.monotonic() - began <= TOO_OLD_MS) {
      await claim(reservations.slice(at, at + AT_ONCE));
      at += AT_ONCE;
    }
    underWay.delete(org);
    const back = [...reservations.slice(at), ...(late.get(org) ?? [])];
    late.delete(org);
    if (back.length === 0) return;
    await index
      .release(back.map((reservation) => ({ reservation, requeue: true })))
      // They lapse.
      .catch((error: unknown) => log.debug({ err: error, org }, 'reservations could not be given back'));
  }

  return {
    take(reservations) {
      if (!mayNeedValidation({ orgRules }, reservations)) return reservations;
      const checked = new Set<string>();
      for (const [org, ofOrg] of byOrg(reservations)) {
        if (!mayNeedValidation({ orgRules }, ofOrg)) continue;
        checked.add(org);
        if (underWay.has(org)) late.set(org, [...(late.get(org) ?? []), ...ofOrg]);
        else underWay.set(org, claimAll(org, ofOrg));
      }
      return reservations.filter(({ org }) => !checked.has(org));
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
  };
}
