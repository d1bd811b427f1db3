import type { Requirements } from '../domain/tasks/requirements.js';
import type { Tier } from '../domain/tasks/tier.js';

/** Tasks a second over the last minute, or numbers of tasks. */
export interface QueueRates {
  /** Came into a lane, or were born assigned. */
  readonly entered: number;
  /** Claims that were committed. */
  readonly claimed: number;
  /** Leases that ended. */
  readonly ended: number;
}

export interface TierSize {
  readonly tier: Tier;
  readonly waiting: number;
  readonly delayed: number;
  readonly reserved: number;
  /** Of those that wait. */
  readonly held: number;
  /**
   * When that of those that wait which has waited longest first was runnable, ms since the epoch;
   * of one with an inherited score no more is known than that it was created then, and where tasks of its kind were
   * expected to take longer or shorter when it was submitted it is as much too late or too early, but never before
   * its creation. `null`: none waits.
   */
  readonly waitingSince: number | null;
  readonly rates: QueueRates;
  /** Of all orgs, since the start. */
  readonly totals: QueueRates;
}

/** Waiting tasks of one kind, tier and signature of requirements. */
export interface LaneSize {
  readonly kind: string;
  readonly tier: Tier;
  readonly requirements: Requirements;
  readonly waiting: number;
  /** Of this kind and tier. */
  readonly reserved: number;
  /** As of a tier. */
  readonly waitingSince: number | null;
  readonly eligibleInstances: number;
  readonly freeInstances: number;
  readonly held: boolean;
}

export interface QueueSizes {
  /** All tiers, most urgent first. */
  readonly tiers: readonly TierSize[];
  readonly lanes: readonly LaneSize[];
}

export interface PeekedTask {
  readonly taskId: string;
  readonly held: boolean;
  /** Whether somebody eligible has credit. */
  readonly hasFreeAgent: boolean;
}
