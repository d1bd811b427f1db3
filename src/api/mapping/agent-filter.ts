import { create } from '@bufbuild/protobuf';
import { type AgentFilter, AgentFilterSchema, AgentStatus } from '@reeve/sdk/protocol';
import type { AgentView } from '../../ports/fleet.js';
import { toDomainAgentType } from './agent.js';

export interface AgentChoice {
  /** What it asks for, in a fixed order; unset is the same as empty. */
  readonly conditions: readonly unknown[];
  readonly isChosen: (agent: AgentView) => boolean;
}

/** A filter that has passed its constraints, as the choice that it makes. */
export function toAgentChoice(filter: AgentFilter = create(AgentFilterSchema)): AgentChoice {
  const { $typeName: _, $unknown: __, ...conditions } = filter;
  const agentType = toDomainAgentType(filter.agentType);
  const statuses = filter.statuses.map((status) => AgentStatus[status]);
  return {
    conditions: Object.entries(conditions).sort(),
    isChosen({ entry, status, healthScore, inFlight, slots }) {
      const { spec, deregisterTime } = entry;
      return (
        (filter.includeDeregistered || deregisterTime === null) &&
        (agentType === null || spec.agentType === agentType) &&
        (statuses.length === 0 || statuses.includes(status)) &&
        filter.capabilities.every((name) => spec.capabilities.includes(name)) &&
        filter.services.every((name) => spec.services.includes(name)) &&
        filter.tags.every((name) => spec.tags.includes(name)) &&
        (filter.region === '' || spec.region === filter.region) &&
        (filter.minHealth === undefined || healthScore >= filter.minHealth) &&
        (filter.maxLoad === undefined || (slots > 0 && inFlight / slots <= filter.maxLoad))
      );
    },
  };
}
