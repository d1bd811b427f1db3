/** A limit that has no room, and what was counted. Times in ms since the epoch. */
export type FullLimit =
  /** It is not known yet what runs. */
  | { readonly kind: 'UNKNOWN' }
  | { readonly kind: 'ORG'; readonly inUse: number; readonly most: number }
  | { readonly kind: 'BUSY_AGENTS'; readonly inUse: number; readonly most: number }
  /** So many slots are kept for people: the rest may have `most`. */
  | {
      readonly kind: 'RESERVED_SLOTS';
      readonly reserved: number;
      readonly inUse: number;
      readonly most: number;
    }
  | { readonly kind: 'KEY'; readonly key: string; readonly inUse: number; readonly most: number }
  | {
      readonly kind: 'RATE';
      readonly key: string;
      readonly most: number;
      readonly periodMs: number;
      readonly until: number;
    };

/** Whose turn it is beside a task's. */
export interface TurnFacts {
  /** `null`: it names none. */
  readonly key: string | null;
  /** What its key was served where it waits, in ms over its weight. */
  readonly servedMs: number;
  /** Other keys that wait there and were served less. */
  readonly less: number;
}
