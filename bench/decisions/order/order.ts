import type { Job } from './job.js';

/** What decides which task is next. */
export interface Order {
  /** It can run, for the first time or again. */
  add(job: Job, now: number): void;
  /** Takes out the one that gets a slot that is free; `null`: none is to. */
  next(now: number): Job | null;
  /** A slot is free again. */
  ended(job: Job, now: number, tookMs: number, how: 'SUCCEEDED' | 'PREEMPTED'): void;
  /** One that runs and is to be sent back, once each; `null`: none. */
  victim(now: number): Job | null;
}
