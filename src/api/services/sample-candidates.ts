import { ineligibilities } from '../../domain/agents/eligibility.js';
import type { PolicyCandidate } from '../../domain/policies/policy-input.js';
import type { Requirements } from '../../domain/tasks/requirements.js';
import type { AgentView } from '../../ports/fleet.js';
import type { Ports } from '../../usecases/ports.js';

/**
 * The agents that could get such a task now, as a policy sees them, at most `max`. How they did on its kind is
 * left out: what a trial answers is not to change with every attempt.
 */
export function sampleCandidates(
  { fleet }: Pick<Ports, 'fleet'>,
  org: string,
  requirements: Requirements,
  max: number,
): readonly PolicyCandidate[] {
  const couldGetIt = ({ entry, status, healthScore }: AgentView) =>
    status === 'ACTIVE' &&
    ineligibilities(entry.spec, { health: healthScore, intent: 'ACTIVE' }, requirements, 0).length === 0;
  return fleet.list(org, '', max, couldGetIt).map(candidateOf);
}

function candidateOf({ entry: { spec }, healthScore, slots, inFlight, load }: AgentView): PolicyCandidate {
  return {
    agent_id: spec.agentId,
    agent_type: spec.agentType,
    capabilities: spec.capabilities,
    services: spec.services,
    tags: spec.tags,
    region: spec.region ?? '',
    version: spec.version,
    health_score: healthScore,
    slots,
    in_flight: inFlight,
    attempts: 0,
    success_rate: 1,
    mean_seconds: 0,
    cpu: load?.cpu ?? null,
    memory: load?.memory ?? null,
    gpu: load?.gpu ?? null,
  };
}
