import type { QueuePart } from '../domain/queues/queue-part.js';

/** That a part of an organisation's queue is paused. */
export interface QueuePause {
  readonly org: string;
  readonly part: QueuePart;
  readonly reason: string;
  /** Who paused it. */
  readonly actor: string;
  /** Ms since the epoch. */
  readonly pauseTime: number;
}

/** Parts that an organisation may have paused at once. */
export const MAX_PAUSES = 1_000;

/** The record of pauses. What it answers is committed. */
export interface QueueRecord {
  /** A part that is paused already stays as it is, and that is the answer. `null`: too many are. */
  pauseQueue(pause: Omit<QueuePause, 'pauseTime'>): Promise<QueuePause | null>;
  /** The pause that has ended; `null` if there was none. */
  resumeQueue(org: string, part: QueuePart): Promise<QueuePause | null>;
  /** Of one org, by tier and kind. */
  listPauses(org: string): Promise<readonly QueuePause[]>;
  /** Of all orgs, after (org, part), at most `limit`. */
  listAllPauses(after: QueuePause | null, limit: number): Promise<readonly QueuePause[]>;
}
