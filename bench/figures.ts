import type { Plan } from './plan.js';
import type { ReadBack } from './programs/read-back.js';

/** One run of the throughput measurement. */
export interface Flood {
  readonly tasksPerSecond: number;
  /** Submissions until their acknowledgement, alone. */
  readonly acknowledgedPerSecond: number;
  readonly cpuMicrosPerTask: number;
}

/** What was measured of one system. */
export interface Figures {
  readonly name: string;
  readonly version: string;
  /** What survives what. */
  readonly durability: string;
  /** End to end, median of the runs. */
  readonly tasksPerSecond: number;
  /** Of the coordinator, all threads, median of the runs. */
  readonly cpuMicrosPerTask: number;
  /** Intended submission → the agent has it. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Must be 0. */
  readonly lost: number;
  /** Must be 0. */
  readonly duplicated: number;
  readonly kibPerIdleAgent: number;
  readonly runs: readonly Flood[];
  readonly record: ReadBack;
  readonly plan: Plan;
}
