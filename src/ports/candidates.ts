import type { LoadReport } from '../domain/agents/agent.js';
import type { Measured } from '../domain/agents/track-record.js';
import type { AgentFacts } from '../domain/explain/facts.js';
import type { Requirements } from '../domain/tasks/requirements.js';

/** What a task asks for, and of whom it is to be known. */
export interface CandidateQuery {
  readonly org: string;
  /** Whose track record counts. */
  readonly kind: string;
  readonly requirements: Requirements;
  /** Agents at most. */
  readonly max: number;
  /** Only those who may get it. Default false. */
  readonly eligibleOnly?: boolean;
  /** Only this one. Default everybody. */
  readonly agentId?: string;
}

export interface CandidateSurvey {
  /** Those who may get it first, of them the least loaded. */
  readonly agents: readonly AgentStanding[];
  /** Agents that were looked at. */
  readonly connected: number;
  /** Those of them that may get it, busy or not. */
  readonly eligible: number;
  /** The health that tasks ask for which name none. */
  readonly minHealth: number;
}

/** A connected agent beside a task, and how it did on such tasks. */
export interface AgentStanding extends AgentFacts {
  /** It failed such tasks, and gets none while others are there. */
  readonly heldBack: boolean;
  readonly measured: Measured;
  /** Of its successes at the kind. `null`: it had none. */
  readonly meanMs: number | null;
  /** `null`: it reported none lately. */
  readonly load: LoadReport | null;
}
