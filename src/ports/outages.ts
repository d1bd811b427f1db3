/**
 * What is known of whether the record answers. While it does not, nobody can take a lease: who holds one
 * goes on, and is told so from memory; and when it is back, leases that are over by its clock are
 * prolonged by those who live before any is ended.
 */
export interface Outages {
  /** For how long the record has been away, or could not write, in ms. `null`: it answers. */
  awayMs(): number | null;
  /**
   * Whether leases may be ended by their clock: it answers, and since it was away, or this
   * process has begun, all who hold a lease have had the time to prolong it.
   */
  settled(): Promise<boolean>;
}

/** Of a record that goes with the process: it is never away alone. */
export const NO_OUTAGES: Outages = { awayMs: () => null, settled: async () => true };
