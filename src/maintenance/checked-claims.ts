import { byOrg } from '../domain/by-org.js';
import type { Reservation } from '../ports/ready-index.js';
import type { Ports } from '../usecases/ports.js';
import { mayNeedValidation } from '../usecases/validate-tasks.js';

/** Tasks that are checked and claimed at once: within the time that a reservation lasts, if each takes all it may. */
const AT_ONCE = 50;
/** Reservations that are older are left to lapse, which takes 5 s: somebody else may have them by now. */
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
 * batch at a time of each. What comes meanwhile is left to lapse, and is back at its place after that.
 *
 * @param claim checks and claims a batch; never rejects
 */
export function createCheckedClaims(
  ports: Pick<Ports, 'orgRules' | 'clock'>,
  claim: (reservations: readonly Reservation[]) => Promise<void>,
): CheckedClaims {
  const underWay = new Map<string, Promise<void>>();

  async function claimAll(reservations: readonly Reservation[]): Promise<void> {
    const began = ports.clock.monotonic();
    for (let at = 0; at < reservations.length; at += AT_ONCE) {
      if (ports.clock.monotonic() - began > TOO_OLD_MS) return;
      await claim(reservations.slice(at, at + AT_ONCE));
    }
  }

  return {
    take(reservations) {
      if (!mayNeedValidation(ports, reservations)) return reservations;
      const checked = new Set<string>();
      for (const [org, ofOrg] of byOrg(reservations)) {
        if (!mayNeedValidation(ports, ofOrg)) continue;
        checked.add(org);
        if (underWay.has(org)) continue;
        const claiming = claimAll(ofOrg).finally(() => underWay.delete(org));
        underWay.set(org, claiming);
      }
      return reservations.filter(({ org }) => !checked.has(org));
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
  };
}
