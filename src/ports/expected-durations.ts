/** How long tasks take from the choice of their agent to their success, as it was learned, by organisation and kind. */
export interface ExpectedDurations {
  /**
   * In ms, at once; of a kind of which too little is known the median of the organisation's kinds. `null`: nothing
   * is known of any.
   */
  of(org: string, kind: string): number | null;
  /** A task has succeeded, in so many ms. */
  succeeded(org: string, kind: string, ms: number): void;
}

/** Where nothing is learned. */
export const NO_DURATIONS_KNOWN: ExpectedDurations = { of: () => null, succeeded() {} };
