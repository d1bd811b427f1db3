import type { PolicyCandidate } from '@reeve/sdk/protocol';
import type { PolicyCandidate as DomainCandidate } from '../../domain/policies/policy-input.js';
import { toDomainAgentType } from './agent.js';

/** A candidate that somebody made up for a trial. */
export function toDomainCandidate(candidate: PolicyCandidate): DomainCandidate {
  const { load } = candidate;
  return {
    agent_id: candidate.agentId,
    agent_type: toDomainAgentType(candidate.agentType) ?? 'GENERAL',
    capabilities: candidate.capabilities,
    services: candidate.services,
    tags: candidate.tags,
    region: candidate.region,
    version: candidate.version,
    health_score: candidate.healthScore,
    slots: candidate.slots,
    in_flight: candidate.inFlight,
    attempts: candidate.attempts,
    success_rate: candidate.successRate,
    mean_seconds: candidate.meanSeconds,
    cpu: load?.cpu ?? null,
    memory: load?.memory ?? null,
    gpu: load?.gpu ?? null,
  };
}
