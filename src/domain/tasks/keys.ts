/** What a task shares with others, beside the agents that may do it. None of it is part of what agents must meet. */
export interface TaskKeys {
  /** Limits that it counts against while it runs, such as an API or a customer; sorted, distinct. */
  readonly limits: readonly string[];
  /** Tasks of the same key share one turn. `null`: it belongs to those that name none. */
  readonly fairness: string | null;
  /** An agent that did a task of this key lately does the next one sooner. `null`: any is as good. */
  readonly affinity: string | null;
}

/** Limits that a task may name. */
export const MAX_LIMIT_KEYS = 8;
