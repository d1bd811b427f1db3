import { CONFIG_KEYS, HEAD_START_KEYS } from './domain/config/config-keys.js';
import type { JsonObject } from './domain/json.js';
import { SERVER_DURATION_TERMS } from './domain/order/duration-term.js';
import { DEFAULT_RETRY } from './domain/tasks/retry.js';
import { HEAD_STARTS, TIERS } from './domain/tasks/tier.js';
import type { Settings } from './settings/table.js';
import type { Rules } from './usecases/ports.js';

/** Figures the use cases go by. */
export function rulesFrom(settings: Settings): Rules {
  return {
    headStarts: HEAD_STARTS[settings.priorityFormula],
    durationTerms: SERVER_DURATION_TERMS[settings.priorityFormula],
    defaultRetry: DEFAULT_RETRY,
    leaseMs: settings.leaseTtlMs,
    acceptMs: settings.acceptTimeoutMs,
    assignedMs: 3 * settings.acceptTimeoutMs,
    staleAssignmentMs: settings.acceptTimeoutMs / 2,
    cancelGraceMs: 5_000,
    outageGraceMs: settings.leaseOutageGraceMs,
    maxPayloadBytes: settings.maxPayloadBytes,
  };
}

/** What holds where an organisation has set nothing and the default leaves it to the server, by key. */
export function serverConfigFrom(settings: Settings): JsonObject {
  const { loadBalancingStrategy, priorityFormula, minHealth } = CONFIG_KEYS;
  const headStarts = HEAD_STARTS[settings.priorityFormula];
  return {
    [loadBalancingStrategy.key]: loadBalancingStrategy.format(settings.loadBalancingStrategy),
    [priorityFormula.key]: settings.priorityFormula,
    [minHealth.key]: settings.minHealth,
    ...Object.fromEntries(
      TIERS.map((tier) => [HEAD_START_KEYS[tier].key, HEAD_START_KEYS[tier].format(headStarts[tier])]),
    ),
  };
}
