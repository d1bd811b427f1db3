/** What an independent process finds in a record, against the ids that the client was given. */
export interface ReadBack {
  readonly acknowledged: number;
  readonly tasks: number;
  readonly succeeded: number;
  /** Acknowledged and not succeeded. */
  readonly lost: number;
  /** Acknowledged ids that came twice, tasks nobody was told of, tasks with two successes. */
  readonly duplicated: number;
  /** Claims beyond the first of a task, where the system keeps them. */
  readonly redelivered: number;
}
