import type { Claim } from '../domain/tasks/lease.js';

/** A task that is to be sent back for one that waits. */
export interface Victim extends Claim {
  readonly agentId: string;
  readonly sessionId: string;
  /** The task that waits for its slot. */
  readonly forTaskId: string;
}

export interface VictimQuery {
  /** Those whose tasks may be sent back. */
  readonly kinds: ReadonlySet<string>;
  readonly max: number;
  /** How long one that is sent back may take to stop, in ms. */
  readonly graceMs: number;
}

/** What the index has to say of tasks that are sent back for people's. */
export interface VictimChoice {
  /**
   * Of an organisation's HUMAN tasks that wait while every agent which could do them has all its slots taken, the first,
   * each with the youngest LOW task on such an agent that may be sent back: one of these kinds, no person's, not on the share that the
   * rest keeps. While the rest is owed its share such tasks keep their slots on it instead, and count for it from then on.
   * For a waiting task at most one is on its way back; one that has its slot still 30 s after the grace is no longer counted as that.
   * Rejects while the index is away.
   */
  takeVictims(org: string, query: VictimQuery): Promise<readonly Victim[]>;
  /** They are not sent back: none of them is asked for in the next 30 s, others may be at once. */
  refuseVictims(org: string, victims: readonly Victim[]): Promise<void>;
}
