import type { AgentEntry, AgentSpec } from '../../domain/agents/agent.js';
import type { AgentRecord } from '../../ports/agent-record.js';
import type { Clock } from '../../ports/clock.js';
import { keyOf } from './tables.js';

const MAX_LISTED = 1_000;

/** The record of agents inside one process. It keeps no history: nobody can read one. */
export function createMemoryAgentRecord(clock: Pick<Clock, 'now'>): AgentRecord {
  const agents = new Map<string, AgentEntry>();

  const put = (entry: AgentEntry): AgentEntry => {
    agents.set(keyOf(entry.org, entry.spec.agentId), entry);
    return entry;
  };

  function register({ org, spec }: { readonly org: string; readonly spec: AgentSpec }): AgentEntry {
    const known = agents.get(keyOf(org, spec.agentId));
    return put({
      org,
      spec,
      intent: known && known.deregisterTime === null ? known.intent : 'ACTIVE',
      registrationTime: known?.registrationTime ?? clock.now(),
      lastHeartbeatTime: clock.now(),
      deregisterTime: null,
    });
  }

  return {
    registerAgents: async (entries) => entries.map(register),
    async deregisterAgent(org, agentId) {
      const known = agents.get(keyOf(org, agentId));
      if (!known) return null;
      return known.deregisterTime === null ? put({ ...known, deregisterTime: clock.now() }) : known;
    },
    async setAgentIntent(org, agentId, intent) {
      const known = agents.get(keyOf(org, agentId));
      return known ? put({ ...known, intent }) : null;
    },
    async touchAgents(beats) {
      for (const { org, agentId, time } of beats) {
        const known = agents.get(keyOf(org, agentId));
        if (known) put({ ...known, lastHeartbeatTime: Math.max(known.lastHeartbeatTime, time) });
      }
    },
    async getAgents(asked) {
      return asked.flatMap(({ org, agentId }) => agents.get(keyOf(org, agentId)) ?? []);
    },
    async listAgents(after, limit) {
      const orderOf = ({ org, spec }: AgentEntry) => keyOf(org, spec.agentId);
      const from = after ? keyOf(after.org, after.agentId) : '';
      return [...agents.values()]
        .filter((entry) => orderOf(entry) > from)
        .sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
        .slice(0, Math.min(limit, MAX_LISTED));
    },
  };
}
