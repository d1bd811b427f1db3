import type { AgentType } from '../../domain/agents/agent.js';
import type { Place } from '../../domain/agents/location.js';
import type { Requirements } from '../../domain/tasks/requirements.js';
import type { RetryPolicy } from '../../domain/tasks/retry.js';

/** Requirements as they are stored: what is unset is left out. */
export interface RequirementsColumn {
  readonly agentType?: AgentType;
  readonly capabilities?: readonly string[];
  readonly services?: readonly string[];
  readonly tags?: readonly string[];
  readonly region?: string;
  readonly minHealth?: number;
  readonly agentId?: string;
  readonly prefer?: Place;
}

export function encodeRequirements(r: Requirements): string {
  return JSON.stringify({
    agentType: r.agentType ?? undefined,
    capabilities: orNothing(r.capabilities),
    services: orNothing(r.services),
    tags: orNothing(r.tags),
    region: r.region ?? undefined,
    minHealth: r.minHealth ?? undefined,
    agentId: r.agentId ?? undefined,
    prefer: r.prefer ?? undefined,
  });
}

export function decodeRequirements(column: RequirementsColumn): Requirements {
  return {
    agentType: column.agentType ?? null,
    capabilities: column.capabilities ?? [],
    services: column.services ?? [],
    tags: column.tags ?? [],
    region: column.region ?? null,
    minHealth: column.minHealth ?? null,
    agentId: column.agentId ?? null,
    prefer: column.prefer ?? null,
  };
}

/** Stored under its own field names. */
export type RetryColumn = RetryPolicy;

function orNothing(list: readonly string[]): readonly string[] | undefined {
  return list.length > 0 ? list : undefined;
}
