import type { Location } from './location.js';

export const AGENT_TYPES = ['WORKER', 'PROVIDER', 'CONSUMER', 'GENERAL'] as const;
export type AgentType = (typeof AGENT_TYPES)[number];

/** What an agent or an operator has said: whether it wants work. Kept in the record. */
export type AgentIntent = 'ACTIVE' | 'INACTIVE' | 'DRAINING';

/** Whether an agent can get work: its intent and what was seen of it. */
export type AgentStatus = AgentIntent | 'BUSY' | 'STALE';

/** What an agent says of itself when it registers; see `AgentSpec` in agent.proto. */
export interface AgentSpec {
  readonly agentId: string;
  readonly agentType: AgentType;
  readonly capabilities: readonly string[];
  readonly services: readonly string[];
  readonly tags: readonly string[];
  readonly endpoints: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly version: string;
  readonly region: string | null;
  readonly location: Location | null;
  /** Its share of the tasks, relative to others'. `null`: as measured. */
  readonly weight: number | null;
}

/** What an agent reports of its machine; shares from 0 to 1. */
export interface LoadReport {
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly gpu: number | null;
  readonly activeConnections: number | null;
  readonly pendingTasks: number | null;
}

/** An agent as the record holds it. Times in ms since the epoch. */
export interface AgentEntry {
  readonly org: string;
  readonly spec: AgentSpec;
  readonly intent: AgentIntent;
  readonly registrationTime: number;
  readonly lastHeartbeatTime: number;
  readonly deregisterTime: number | null;
}
