import { DEFAULT_RETRY } from './domain/tasks/retry.js';
import { HEAD_STARTS } from './domain/tasks/tier.js';
import type { Settings } from './settings/table.js';
import type { Rules } from './usecases/ports.js';

/** Figures the use cases go by. */
export function rulesFrom(settings: Settings): Rules {
  return {
    headStarts: HEAD_STARTS[settings.priorityFormula],
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
