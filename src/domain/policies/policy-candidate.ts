import type { AgentSpec, LoadReport } from '../agents/agent.js';
import type { Measured } from '../agents/track-record.js';
import type { PolicyCandidate } from './policy-input.js';

/** What a policy candidate is made from. */
export interface CandidateFacts {
  readonly spec: AgentSpec;
  readonly condition: { readonly health: number };
  readonly slots: number;
  readonly inFlight: number;
  readonly measured: Measured;
  readonly meanMs: number | null;
  readonly load: LoadReport | null;
}

/** An agent as policies see it. */
export function policyCandidateOf(facts: CandidateFacts): PolicyCandidate {
  const { spec, condition, slots, inFlight, measured, meanMs, load } = facts;
  return {
    agent_id: spec.agentId,
    agent_type: spec.agentType,
    capabilities: spec.capabilities,
    services: spec.services,
    tags: spec.tags,
    region: spec.region ?? '',
    version: spec.version,
    health_score: condition.health,
    slots,
    in_flight: inFlight,
    // Old attempts weigh less than one; those that are left of it are told as whole ones.
    attempts: Math.round(measured.attempts),
    success_rate: measured.successRate,
    mean_seconds: meanMs === null ? 0 : meanMs / 1_000,
    cpu: load?.cpu ?? null,
    memory: load?.memory ?? null,
    gpu: load?.gpu ?? null,
  };
}
