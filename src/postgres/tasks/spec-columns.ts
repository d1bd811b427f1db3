import type { AgentType } from '../../domain/agents/agent.js';
import type { Place } from '../../domain/agents/location.js';
import type { Route } from '../../domain/routing/route.js';
import type { Selection } from '../../domain/selection/selection.js';
import type { StrategyName } from '../../domain/selection/strategy-name.js';
import type { TaskKeys } from '../../domain/tasks/keys.js';
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
  readonly roles?: readonly string[];
  readonly pool?: string;
  readonly balancing?: StrategyName;
  readonly route?: Route;
  readonly keys?: TaskKeys;
}

/** As the detail of an event. */
export function encodeSelection(selection: Selection | null | undefined): string | null {
  return selection ? JSON.stringify(selection) : null;
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
    roles: orNothing(r.roles),
    pool: r.pool ?? undefined,
    balancing: r.balancing ?? undefined,
    route: r.route ?? undefined,
    keys: r.keys ?? undefined,
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
    roles: column.roles ?? [],
    pool: column.pool ?? null,
    balancing: column.balancing ?? null,
    route: column.route ?? null,
    keys: column.keys ?? null,
  };
}

/** Stored under its own field names; `null` is `NULL_RETRY`. */
export type RetryColumn = RetryPolicy | null;

/** What is stored as null, and stays that whatever the default becomes; see 0005_narrower_writes.sql. */
const NULL_RETRY: RetryPolicy = {
  maxAttempts: 3,
  initialBackoffMs: 1_000,
  maxBackoffMs: 300_000,
  backoffMultiplier: 2,
};

export function encodeRetry(retry: RetryPolicy): string | null {
  const isNull =
    retry.maxAttempts === NULL_RETRY.maxAttempts &&
    retry.initialBackoffMs === NULL_RETRY.initialBackoffMs &&
    retry.maxBackoffMs === NULL_RETRY.maxBackoffMs &&
    retry.backoffMultiplier === NULL_RETRY.backoffMultiplier &&
    (retry.delaysMs ?? []).length === 0;
  return isNull ? null : JSON.stringify(retry);
}

export function decodeRetry(column: RetryColumn): RetryPolicy {
  return column ?? NULL_RETRY;
}

/** `null`: there are none. */
export function encodeLabels(labels: Readonly<Record<string, string>>): string | null {
  return Object.keys(labels).length > 0 ? JSON.stringify(labels) : null;
}

function orNothing(list: readonly string[]): readonly string[] | undefined {
  return list.length > 0 ? list : undefined;
}
