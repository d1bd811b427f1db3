/** How long leases are, by the state of their task, in ms. */
export interface LeaseSpans {
  readonly leaseMs: number;
  readonly assignedMs: number;
  readonly cancelGraceMs: number;
}

/** The clock that leases run on: the record's. */
export interface LeaseClock {
  /** ms since the epoch. */
  now(): Promise<number>;
  /**
   * Begins all leases, and the time of attempts, anew: they were counted on a clock that has
   * jumped. May be repeated. Answers how many there were.
   */
  beginLeasesAnew(spans: LeaseSpans): Promise<number>;
}
