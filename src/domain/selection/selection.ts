/** How an agent was chosen, as the trail keeps it; see `Selection` in task_explanation.proto. */
export interface Selection {
  /** A load-balancing strategy, STATIC, PLAN_RETRIEVE or ADDRESSED. */
  readonly strategy: string;
  /** The figure of the one that was chosen; the lowest goes first. Left out: the strategy has none. */
  readonly cost?: number;
  /** Who would have been next. Left out: nobody else was free. */
  readonly runner_up?: string;
  readonly runner_up_cost?: number;
  /** How many processes of agents were free. */
  readonly free: number;
}
