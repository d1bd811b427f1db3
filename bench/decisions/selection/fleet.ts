import type { Candidate } from '../../../src/domain/selection/strategy.js';

/** An agent of a fleet, with what only the workload knows. */
export interface AgentTruth {
  readonly agentId: string;
  readonly slots: number;
  readonly kinds: ReadonlySet<string>;
  /** At 2 it takes half as long. */
  readonly speed: number;
}

export interface Job {
  /** They rise with the time of release. */
  readonly taskId: string;
  readonly release: number;
  readonly kind: string;
  /** How long an agent of speed 1 takes. No policy but those that see the future may look. */
  readonly workMs: number;
  /** From 0 to 1, one an attempt (the last one for all further ones): what chance decides of it. */
  readonly rolls: readonly number[];
  /** Of a warm context. */
  readonly affinity: string | null;
}

/** How an attempt would go. */
export interface Fate {
  readonly tookMs: number;
  readonly succeeds: boolean;
}

/** A task that an agent has. */
export interface Attempt {
  readonly job: Job;
  /** From 1. */
  readonly number: number;
  readonly began: number;
  readonly ends: number;
}

/** An agent as it stands. */
export interface Agent extends Candidate {
  readonly truth: AgentTruth;
  isUp: boolean;
  since: number;
  inFlight: number;
  lastChosen: number;
  readonly running: Set<Attempt>;
  /** What waits for it although others are free. */
  held: Job | null;
}

export function agentOf(truth: AgentTruth): Agent {
  const { agentId, slots } = truth;
  return {
    ...{ truth, agentId, sessionId: agentId, slots, inFlight: 0, since: 0, lastChosen: 0, isUp: true },
    spec: { weight: null, region: null, location: null },
    agent: { report: null },
    running: new Set(),
    held: null,
  };
}

export const isFree = ({ isUp, inFlight, slots }: Agent) => isUp && inFlight < slots;
