import type { Leadership } from '../../src/ports/leadership.js';

/** The leadership without a record, on a clock of the test's. */
export function createMemoryLeadership(clock: { now(): number }): Leadership {
  let row: { holder: string; epoch: number; expiresAt: number } | undefined;
  return {
    async hold(holder, ttlMs) {
      const now = clock.now();
      if (row && row.holder !== holder && row.expiresAt > now && row.expiresAt <= now + 2 * ttlMs) {
        return { kind: 'TAKEN', holder: row.holder, remainingMs: row.expiresAt - now };
      }
      const epoch = row?.holder === holder ? row.epoch : (row?.epoch ?? 0) + 1;
      row = { holder, epoch, expiresAt: now + ttlMs };
      return { kind: 'HELD', epoch };
    },
    async giveBack(holder) {
      if (row?.holder === holder) row.expiresAt = Number.NEGATIVE_INFINITY;
    },
  };
}
