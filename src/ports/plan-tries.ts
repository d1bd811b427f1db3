import type { TaskKey } from './ready-index.js';

/** How often a plan policy named nobody for a task, and when it is asked again. */
export interface PlanTry {
  readonly tries: number;
  /** In ms; 0: now. Sooner if agents come or change. */
  readonly againInMs: number;
}

/** The tasks that this coordinator seeks agents for by plan policies; others may seek them too. */
export interface PlanTries {
  /** `null`: it is not sought for here. */
  triesOf(task: TaskKey): PlanTry | null;
}

/** Where nobody is sought. */
export const NO_PLAN_TRIES: PlanTries = { triesOf: () => null };
