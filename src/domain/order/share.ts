import type { Band } from '../tasks/source.js';

/**
 * Time of slots that the two bands were given while both had something to give out, in ms. By it the rest keeps its
 * share however much people ask for: of the time that slots are taken, not of how often one is.
 */
export interface Share {
  readonly human: number;
  readonly rest: number;
}

export const NO_SHARE: Share = { human: 0, rest: 0 };

/** Of older times only the proportion counts: from so much on both are halved. */
const REMEMBERED_MS = 100 * 3_600_000;

/** What the rest lacks of its share, in ms; at most 0: nothing. */
export function owed({ human, rest }: Share, restShare: number): number {
  return restShare * (human + rest) - rest;
}

/**
 * To be called when both bands had something to give out and one got a slot, with how long that is expected to be
 * taken; and when it is over, with what was wrong in that.
 */
export function charged(share: Share, band: Band, ms: number): Share {
  const human = Math.max(0, share.human + (band === 'HUMAN' ? ms : 0));
  const rest = Math.max(0, share.rest + (band === 'HUMAN' ? 0 : ms));
  return human + rest < REMEMBERED_MS ? { human, rest } : { human: human / 2, rest: rest / 2 };
}

/** The band that goes first where both have something to give out. */
export function bandInTurn(share: Share, restShare: number): Band {
  return owed(share, restShare) > 0 ? 'OTHER' : 'HUMAN';
}
