import type { FullLimit } from '../../domain/limits/full-limit.js';
import { limitOf } from '../../domain/limits/org-limits.js';
import type { TaskKeys } from '../../domain/tasks/keys.js';
import type { Band } from '../../domain/tasks/source.js';
import type { Clock } from '../../ports/clock.js';
import type { OrgUse } from './org-use.js';

/** The limits that keep a task from being given out now. @param isBarred nobody takes it but agents that are barred */
export function limitsAgainst(
  use: OrgUse,
  {
    band,
    keys,
    isBarred,
  }: { readonly band: Band; readonly keys: TaskKeys | null; readonly isBarred: boolean },
  clock: Clock,
): readonly FullLimit[] {
  const { limits, total, other, busyAgents } = use;
  const named = (keys?.limits ?? []).filter((key) => limitOf(limits.keys, key) !== null);
  if (use.isUnready) return use.isLimited || named.length > 0 ? [{ kind: 'UNKNOWN' }] : [];
  const found: FullLimit[] = [];
  const { maxConcurrent, maxBusyAgents, reservedSlots } = limits;
  if (maxConcurrent !== null && total >= maxConcurrent) {
    found.push({ kind: 'ORG', inUse: total, most: maxConcurrent });
  }
  if (maxBusyAgents !== null && isBarred) {
    found.push({ kind: 'BUSY_AGENTS', inUse: busyAgents, most: maxBusyAgents });
  }
  if (band === 'OTHER' && reservedSlots > 0 && other >= use.otherMost) {
    found.push({ kind: 'RESERVED_SLOTS', reserved: reservedSlots, inUse: other, most: use.otherMost });
  }
  for (const key of named) {
    const full = use.keyUse(key).full();
    if (full?.kind === 'CONCURRENT') {
      found.push({ kind: 'KEY', key, inUse: use.keyUse(key).inUse, most: full.most });
    } else if (full) {
      const until = Math.ceil(clock.now() + full.until - clock.monotonic());
      found.push({ kind: 'RATE', key, most: full.most, periodMs: full.periodMs, until });
    }
  }
  return found;
}
