import type { AgentEntry, AgentSpec } from '../../domain/agents/agent.js';
import type { AgentRecord } from '../../ports/agent-record.js';
import type { Database } from '../database.js';
import { createGroupCommit } from '../group-commit.js';
import { loadStatement } from '../statement.js';
import { type AgentRow, decodeAgent, encodeAgentSpec } from './agent-columns.js';

const REGISTER_AGENTS = loadStatement('./register-agents.sql', import.meta.url);
const DEREGISTER_AGENT = loadStatement('./deregister-agent.sql', import.meta.url);
const SET_AGENT_INTENT = loadStatement('./set-agent-intent.sql', import.meta.url);
const TOUCH_AGENTS = loadStatement('./touch-agents.sql', import.meta.url);
const GET_AGENTS = loadStatement('./get-agents.sql', import.meta.url);
const LIST_AGENTS = loadStatement('./list-agents.sql', import.meta.url);

const AT_ONCE = 500;
const MAX_LISTED = 1_000;

interface Registration {
  readonly org: string;
  readonly spec: AgentSpec;
}

/** The record of agents in Postgres. Changes are kept as `agent_event`s, heartbeats are not. */
export function createAgentRecord(db: Database): AgentRecord {
  const registrations = createGroupCommit<Registration, AgentEntry>({
    order: (a, b) => (registrationKey(a) < registrationKey(b) ? -1 : 1),
    key: registrationKey,
    run: (agents) => registerAgents(db, agents),
  });

  return {
    registerAgents: registrations.add,
    async deregisterAgent(org, agentId, actor, reason) {
      const [row] = await db.write<AgentRow>(DEREGISTER_AGENT, [org, agentId, actor, reason]);
      return row ? decodeAgent(row) : null;
    },
    async setAgentIntent(org, agentId, intent, actor) {
      const [row] = await db.write<AgentRow>(SET_AGENT_INTENT, [org, agentId, intent, actor]);
      return row ? decodeAgent(row) : null;
    },
    async touchAgents(beats) {
      const inTime = [...beats].sort((a, b) => a.time - b.time);
      const newest = new Map(inTime.map((beat) => [agentOrder(beat.org, beat.agentId), beat]));
      const sorted = [...newest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, beat]) => beat);
      for (let from = 0; from < sorted.length; from += AT_ONCE) {
        const slice = sorted.slice(from, from + AT_ONCE);
        await db.write(TOUCH_AGENTS, [
          slice.map((b) => b.org),
          slice.map((b) => b.agentId),
          slice.map((b) => b.time),
        ]);
      }
    },
    async getAgents(agents) {
      const some = agents.slice(0, MAX_LISTED);
      const values = [some.map(({ org }) => org), some.map(({ agentId }) => agentId)];
      return (await db.read<AgentRow>(GET_AGENTS, values)).map(decodeAgent);
    },
    async listAgents(after, limit) {
      const values = [after?.org ?? '', after?.agentId ?? '', Math.min(limit, MAX_LISTED)];
      return (await db.read<AgentRow>(LIST_AGENTS, values)).map(decodeAgent);
    },
  };
}

async function registerAgents(db: Database, agents: readonly Registration[]): Promise<AgentEntry[]> {
  const rows = await db.write<AgentRow>(REGISTER_AGENTS, [
    agents.map((a) => a.org),
    agents.map((a) => a.spec.agentId),
    agents.map((a) => encodeAgentSpec(a.spec)),
  ]);
  const entries = new Map(rows.map((row) => [agentOrder(row.org, row.agent_id), decodeAgent(row)]));
  return agents.map(({ org, spec }) => entries.get(agentOrder(org, spec.agentId)) as AgentEntry);
}

function registrationKey({ org, spec }: Registration): string {
  return agentOrder(org, spec.agentId);
}

function agentOrder(org: string, agentId: string): string {
  return `${org}\0${agentId}`;
}
