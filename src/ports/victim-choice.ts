import type { Claim } from '../domain/tasks/lease.js';

/** A task that is to be sent back for one that waits. */
export interface Victim extends Claim {
  readonly agentId: string;
  readonly sessionId: string;
  /** The task that waits for its slot. */
  readonly forTaskId: string;
}

/** What the index has to say of tasks that are sent back for people's. */
export interface VictimChoice {
  /**
   * Of an organisation's HUMAN tasks that wait while every agent which could do them has all its slots taken, the first,
   * each with the youngest LOW task on such an agent that may be sent back: one of these kinds, not on the share that the
   * rest keeps. While the rest is owed its share such tasks keep their slots on it instead, and count for it from then on.
   * For a waiting task at most one is on its way back; one that is not given up for 30 s is no longer counted as that.
   *
   * @param kinds those whose tasks may be sent back
   * @param max at most 100
   */
  takeVictims(org: string, kinds: ReadonlySet<string>, max: number): Promise<readonly Victim[]>;
  /** They are not sent back: none of them is asked for in the next 30 s, others may be at once. */
  refuseVictims(org: string, victims: readonly Victim[]): Promise<void>;
}
