/** What an agent offers for a task. */
export interface Bid {
  /** What it will charge, in the organisation's unit. */
  readonly price: number;
  /** When it will be done, in ms from the time of the bid. */
  readonly etaMs: number;
  /** How sure it is to succeed, from 0 to 1, in its own words: nobody has looked at that yet. */
  readonly confidence: number;
  /** For people. */
  readonly note: string;
}

/** What is wrong with a bid, by its first field that cannot be. */
export interface BidFault {
  readonly field: keyof Bid;
  readonly wanted: string;
}

export const MAX_PRICE = 1e12;
export const MAX_ETA_MS = 30 * 24 * 3_600_000;
/** Characters. */
export const MAX_NOTE = 1_000;

/** `null`: it can be counted. */
export function faultOf({ price, etaMs, confidence, note }: Bid): BidFault | null {
  if (!within(price, MAX_PRICE)) return { field: 'price', wanted: `a number from 0 to ${MAX_PRICE}` };
  if (!within(etaMs, MAX_ETA_MS)) return { field: 'etaMs', wanted: `ms from 0 to ${MAX_ETA_MS} (30 days)` };
  if (!within(confidence, 1)) return { field: 'confidence', wanted: 'a number from 0 to 1' };
  if (note.length > MAX_NOTE) return { field: 'note', wanted: `at most ${MAX_NOTE} characters` };
  return null;
}

/** Neither NaN nor infinite, since no comparison holds for these. */
function within(value: number, max: number): boolean {
  return value >= 0 && value <= max;
}
