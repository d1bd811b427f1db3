import type { AgentEntry, AgentIntent, AgentSpec } from '../domain/agents/agent.js';

/** The record of agents. Registration and intent are durable; heartbeats are soft. */
export interface AgentRecord {
  /** Inserts or changes; a deregistered agent is back. `registrationTime` stays that of the first time. */
  registerAgents(
    agents: readonly { readonly org: string; readonly spec: AgentSpec }[],
  ): Promise<readonly AgentEntry[]>;
  /** `null` where the org has no such agent. */
  deregisterAgent(org: string, agentId: string, actor: string, reason: string): Promise<AgentEntry | null>;
  setAgentIntent(
    org: string,
    agentId: string,
    intent: AgentIntent,
    actor: string,
  ): Promise<AgentEntry | null>;
  /** Keeps `lastHeartbeatTime` roughly, for restarts. */
  touchAgents(
    beats: readonly { readonly org: string; readonly agentId: string; readonly time: number }[],
  ): Promise<void>;
  /** Those there are of at most 1,000 agents, deregistered ones too; in no order. */
  getAgents(
    agents: readonly { readonly org: string; readonly agentId: string }[],
  ): Promise<readonly AgentEntry[]>;
  /** All agents of all orgs after (org, agentId), at most `limit`; deregistered ones too. */
  listAgents(
    after: { readonly org: string; readonly agentId: string } | null,
    limit: number,
  ): Promise<readonly AgentEntry[]>;
}
