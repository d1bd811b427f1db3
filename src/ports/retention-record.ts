/** Where a pass over old tasks is. */
export interface RetentionCursor {
  readonly org: string;
  readonly taskId: string;
}

export interface RetentionPage {
  /** `null`: that was the last one. */
  readonly cursor: RetentionCursor | null;
  readonly dropped: number;
  /** Days of tasks that were looked at and stay, as the ms since the epoch at which they begin. */
  readonly keptDays: readonly number[];
}

/** What is kept for so long after its end, and no longer. Days are those of task ids, by UTC. */
export interface RetentionRecord {
  /**
   * Drops tasks of days before `beforeMs` that ended more than `keepMs` ago; those that another waits
   * for, or was skipped for, are kept as long as that one. Looks at `limit` tasks.
   */
  dropTasks(
    after: RetentionCursor | null,
    options: { readonly beforeMs: number; readonly keepMs: number; readonly limit: number },
  ): Promise<RetentionPage>;
  /** Drops what is left of the days before `beforeMs`, whole, except `keptDays`. Answers how many days. */
  dropDays(beforeMs: number, keptDays: ReadonlySet<number>): Promise<number>;
  /** Forgets names of submissions older than `olderThanMs`, at most `limit`. Answers how many. */
  forgetRequestIds(olderThanMs: number, limit: number): Promise<number>;
}
