import type { CandidateView } from './explanation.js';
import type { AgentFacts, Facts } from './facts.js';
import { against, at, count } from './words.js';

/** Who may get a task, and who not: those who may first, the one the strategy prefers before the others. */
export function candidatesOf(facts: Facts): readonly CandidateView[] {
  const views = facts.agents.map((agent) => viewOf(agent, facts));
  const rank = ({ eligible, free }: CandidateView) => (eligible ? 0 : 2) + (free ? 0 : 1);
  const costOf = ({ cost }: CandidateView) => cost ?? Number.POSITIVE_INFINITY;
  return views
    .sort((a, b) => {
      const order = rank(a) - rank(b);
      if (order !== 0) return order;
      if (costOf(a) !== costOf(b)) return costOf(a) - costOf(b);
      return a.agentId < b.agentId ? -1 : 1;
    })
    .slice(0, facts.maxCandidates);
}

function viewOf(agent: AgentFacts, facts: Facts): CandidateView {
  const { spec, against: all, inFlight, slots, condition, credit } = agent;
  const eligible = all.length === 0 && agent.instances > 0;
  return {
    agentId: spec.agentId,
    eligible,
    free: credit > 0,
    reasons: reasonsOf(agent, facts),
    cost: eligible ? (facts.place?.figures.get(spec.agentId) ?? null) : null,
    inFlight,
    slots,
    health: condition.health,
  };
}

function reasonsOf(agent: AgentFacts, { task, place, minHealth, directory }: Facts): readonly string[] {
  const { spec, against: all, inFlight, slots, credit, instances } = agent;
  const reasons = all.map((what) =>
    what === 'POOL' && directory !== null
      ? 'is not known to be in the pool of candidates: the role directory does not answer'
      : against(what, agent, task.spec.requirements, minHealth),
  );
  if (instances === 0) return ['is not connected', ...reasons];
  if (reasons.length > 0) return reasons;
  const heldUntil = place?.heldUntil.get(spec.agentId);
  if (heldUntil !== undefined)
    reasons.push(`failed such tasks lately, and is held back until ${at(heldUntil)}`);
  if (place?.avoid?.agentId === spec.agentId) reasons.push('had it last');
  if (credit > 0) return reasons;
  const room =
    inFlight >= slots ? `has no room: ${count(slots, 'slot is', 'slots are')} taken` : 'asks for no work now';
  return [...reasons, room];
}
