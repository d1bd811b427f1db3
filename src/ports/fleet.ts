import type { AgentEntry, AgentIntent, AgentSpec, AgentStatus, LoadReport } from '../domain/agents/agent.js';

/** An agent as it is now: what the record holds and what is seen of it. */
export interface AgentView {
  readonly entry: AgentEntry;
  readonly status: AgentStatus;
  readonly healthScore: number;
  readonly lastHeartbeatTime: number;
  readonly load: LoadReport | null;
  readonly inFlight: number;
  readonly slots: number;
  readonly credit: number;
  readonly instances: readonly InstanceView[];
}

export interface InstanceView {
  readonly instanceKey: string;
  readonly sessionId: string;
  readonly connectTime: number;
  readonly slots: number;
  readonly inFlight: number;
  readonly credit: number;
  /** It finishes what it has, then it goes. */
  readonly draining: boolean;
  /** It asks for work call by call, perhaps at several coordinators. */
  readonly polls?: boolean;
  /** It answers requests for bids. Default false. */
  readonly bids?: boolean;
}

/** The agents of all organisations, live, wherever they are connected. Kept in memory, backed by the agent record. */
export interface Fleet {
  get(org: string, agentId: string): AgentView | null;
  /** The same, and looks into the record for one that was registered elsewhere just now. */
  find(org: string, agentId: string): Promise<AgentView | null>;
  /** By agent id, after `afterId`; `accept` filters before `limit` counts. */
  list(
    org: string,
    afterId: string,
    limit: number,
    accept: (agent: AgentView) => boolean,
  ): readonly AgentView[];
  register(org: string, spec: AgentSpec): Promise<AgentView>;
  /** `null`: no such agent. */
  deregister(org: string, agentId: string, actor: string, reason: string): Promise<AgentView | null>;
  setIntent(org: string, agentId: string, intent: AgentIntent, actor: string): Promise<AgentView | null>;
  /** An agent has connected, perhaps anew: its record of heartbeats begins here. */
  connected(org: string, agentId: string): void;
  /** A process of it has drained and is gone: without another one it is INACTIVE until it is heard of again. */
  left(org: string, agentId: string): void;
  /** False: no such agent, or it is deregistered. */
  heartbeat(org: string, agentId: string, load: LoadReport | null): boolean;
}
