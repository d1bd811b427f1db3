import type { Agent, Job } from './fleet.js';

/** What becomes of the first task of a lane: an agent has it at once, or it waits for one until then. */
export type Placement =
  | { readonly agent: Agent; readonly until?: undefined }
  | { readonly agent: Agent; readonly until: number };

export interface Placing {
  readonly now: number;
  /** Those that may serve the task and are free. */
  readonly free: readonly Agent[];
  /** All that may serve it. */
  readonly eligible: readonly Agent[];
  /** Who failed it last. */
  readonly lastAgentId: string | null;
  /** For how long the first of its lane has waited; 0: there is none. */
  readonly turnInMs: number;
  /** It has waited for an agent in vain, or may not. */
  readonly mayWait: boolean;
}

/** What decides who gets a task. */
export interface Placer {
  /** `null`: nobody, until something changes. */
  place(job: Job, placing: Placing): Placement | null;
  /** Whom a task is held for as soon as it can run, though others come before it; `null`: it takes its place. */
  holdFor?(job: Job, placing: Placing): { readonly agent: Agent; readonly until: number } | null;
  ended(job: Job, agent: Agent, outcome: 'SUCCEEDED' | 'FAILED', began: number, now: number): void;
  /** When tasks that nobody was to get are to be looked at again; `null`: when something changes. */
  wakesAt?(now: number): number | null;
}
