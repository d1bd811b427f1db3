import type { AgentEntry, AgentIntent, AgentSpec } from '../../domain/agents/agent.js';

type Later = 'location' | 'weight';

/** An agent's row as the statements answer it. */
export interface AgentRow {
  readonly org: string;
  readonly agent_id: string;
  /** What was registered by an older coordinator lacks what came later. */
  readonly spec: Omit<AgentSpec, 'agentId' | Later> & Partial<Pick<AgentSpec, Later>>;
  readonly intent: AgentIntent;
  readonly registration_time: number;
  readonly last_heartbeat_time: number;
  readonly deregister_time: number | null;
}

/** The id is the row's key; only the rest is in the column. */
export function encodeAgentSpec({ agentId: _, ...rest }: AgentSpec): string {
  return JSON.stringify(rest);
}

export function decodeAgent(row: AgentRow): AgentEntry {
  return {
    org: row.org,
    spec: { agentId: row.agent_id, location: null, weight: null, ...row.spec },
    intent: row.intent,
    registrationTime: row.registration_time,
    lastHeartbeatTime: row.last_heartbeat_time,
    deregisterTime: row.deregister_time,
  };
}
