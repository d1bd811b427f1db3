import {
  expectedMs,
  MOVES_EVERY_MS,
  merged,
  moved,
  NO_DURATIONS,
} from '../../domain/order/expected-duration.js';
import type { Clock } from '../../ports/clock.js';
import { type DurationRecord, type LearnedDuration, MAX_KINDS } from '../../ports/duration-record.js';

interface Row extends LearnedDuration {
  /** Ms since the epoch; `null`: nothing is expected yet. */
  readonly moveTime: number | null;
  readonly updateTime: number;
}

/** The record of durations in memory, for the simulation. */
export function createMemoryDurationRecord(clock: Pick<Clock, 'now'>): DurationRecord {
  const now = () => clock.now();
  const byOrg = new Map<string, Map<string, Row>>();

  function learn(kinds: Map<string, Row>, { org, kind, ...found }: LearnedDuration | Row): Row {
    const before = kinds.get(kind);
    const tally = merged(before ?? NO_DURATIONS, found);
    const after = expectedMs(tally);
    const moves = after !== null && (before?.moveTime ?? Number.NEGATIVE_INFINITY) <= now() - MOVES_EVERY_MS;
    const place = moves
      ? { expectedMs: moved(before?.expectedMs ?? null, after), moveTime: now() }
      : { expectedMs: before?.expectedMs ?? null, moveTime: before?.moveTime ?? null };
    const row = { org, kind, ...tally, ...place, updateTime: now() };
    kinds.set(kind, row);
    return row;
  }

  return {
    async learnDurations(found) {
      const learned = found.map((one) => {
        const kinds = byOrg.get(one.org) ?? new Map<string, Row>();
        byOrg.set(one.org, kinds);
        return learn(kinds, { ...one, expectedMs: null });
      });
      for (const org of new Set(found.map((one) => one.org))) forget(byOrg.get(org) ?? new Map());
      return learned.map(answer);
    },
    async changedDurations(withinMs, limit) {
      const since = now() - withinMs;
      return [...byOrg.values()]
        .flatMap((kinds) => [...kinds.values()])
        .filter(({ moveTime }) => moveTime !== null && moveTime > since)
        .sort((a, b) => (b.moveTime ?? 0) - (a.moveTime ?? 0))
        .slice(0, limit)
        .map(answer);
    },
  };
}

function forget(kinds: Map<string, Row>): void {
  const unknownFirst = (row: Row) => Number(row.expectedMs !== null);
  const worst = [...kinds.values()].sort(
    (a, b) => unknownFirst(a) - unknownFirst(b) || a.updateTime - b.updateTime || (a.kind > b.kind ? -1 : 1),
  );
  for (const { kind } of worst.slice(0, Math.max(0, kinds.size - MAX_KINDS))) kinds.delete(kind);
}

function answer({ org, kind, count, mean, variance, expectedMs }: Row): LearnedDuration {
  return { org, kind, count, mean, variance, expectedMs };
}
