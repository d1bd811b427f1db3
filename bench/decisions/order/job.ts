import type { Band } from '../../../src/domain/tasks/source.js';
import type { Tier } from '../../../src/domain/tasks/tier.js';

/** A task of a workload, with what only the workload knows. */
export interface Job {
  /** They rise with the time of release. */
  readonly taskId: string;
  /** When it can run, in ms. */
  readonly release: number;
  readonly band: Band;
  readonly tier: Tier;
  readonly kind: string;
  /** How long a slot takes for it. No policy but those that see the future may look. */
  readonly durationMs: number;
  /** What a ms of its flow time weighs. */
  readonly weight: number;
  readonly fairnessKey: string | null;
  /** Its kind may be sent back for a person's. */
  readonly preemptible: boolean;
}

/** The ids of jobs that are made in no order: by their release. */
export function inOrder(jobs: readonly Omit<Job, 'taskId'>[]): readonly Job[] {
  return [...jobs]
    .sort((a, b) => a.release - b.release)
    .map((job, n) => ({ ...job, taskId: String(n).padStart(7, '0') }));
}

/** What a ms of flow time weighs, by tier. */
export const WEIGHTS: Readonly<Record<Tier, number>> = {
  CRITICAL: 16,
  URGENT: 8,
  HIGH: 4,
  NORMAL: 2,
  LOW: 1,
};
