import type { AgentState, InstanceState } from './instance-state.js';

interface Agents {
  connected(org: string): ReadonlySet<InstanceState>;
  loadChanged(state: InstanceState): void;
}

/** Sets which agents of an organisation get nothing for now, as enough others have a task. */
export function barAgents(agents: Agents, org: string, isBarred: (agentId: string) => boolean): void {
  const changed = new Set<AgentState>();
  for (const { agent, agentId } of agents.connected(org)) {
    const is = isBarred(agentId);
    if (agent.isBarred !== is) changed.add(agent);
    agent.isBarred = is;
  }
  if (changed.size === 0) return;
  for (const state of agents.connected(org)) if (changed.has(state.agent)) agents.loadChanged(state);
}
