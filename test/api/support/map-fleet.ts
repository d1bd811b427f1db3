import type { AgentEntry } from '../../../src/domain/agents/agent.js';
import type { AgentView, Fleet } from '../../../src/ports/fleet.js';

/** A fleet of agents that are as they were registered, whom nobody connects to. */
export function createMapFleet(): Fleet {
  const agents = new Map<string, AgentView>();
  return {
    get: (org, agentId) => agents.get(`${org} ${agentId}`) ?? null,
    find: async (org, agentId) => agents.get(`${org} ${agentId}`) ?? null,
    list: (org, afterId, limit, accept) =>
      [...agents.values()]
        .filter(({ entry }) => entry.org === org && entry.spec.agentId > afterId)
        .filter(accept)
        .sort((a, b) => (a.entry.spec.agentId < b.entry.spec.agentId ? -1 : 1))
        .slice(0, limit),
    async register(org, spec) {
      const agent = agentView({
        org,
        spec,
        intent: 'ACTIVE',
        registrationTime: 1,
        lastHeartbeatTime: 1,
        deregisterTime: null,
      });
      agents.set(`${org} ${spec.agentId}`, agent);
      return agent;
    },
    async deregister(org, agentId) {
      const agent = agents.get(`${org} ${agentId}`);
      if (!agent) return null;
      const gone = { ...agent, entry: { ...agent.entry, deregisterTime: 2 } };
      agents.set(`${org} ${agentId}`, gone);
      return gone;
    },
    async setIntent(org, agentId, intent) {
      const agent = agents.get(`${org} ${agentId}`);
      if (!agent) return null;
      const changed = { ...agent, status: intent };
      agents.set(`${org} ${agentId}`, changed);
      return changed;
    },
    connected: () => {},
    left: () => {},
    heartbeat: (org, agentId) => agents.has(`${org} ${agentId}`),
  };
}

function agentView(entry: AgentEntry): AgentView {
  return {
    entry,
    status: 'ACTIVE',
    healthScore: 1,
    lastHeartbeatTime: 1,
    load: null,
    inFlight: 0,
    slots: 3,
    credit: 3,
    instances: [],
  };
}
