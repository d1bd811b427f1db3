import {
  LEAST_COUNT,
  MAX_SPREAD,
  MOST_TIMES,
  MOVES_EVERY_MS,
  REMEMBERED,
} from '../../domain/order/expected-duration.js';
import {
  type DurationRecord,
  type LearnedDuration,
  MAX_KINDS,
  MAX_LEARNED,
} from '../../ports/duration-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';

const LEARN_DURATIONS = loadStatement('./learn-durations.sql', import.meta.url);
const LIST_CHANGED_DURATIONS = loadStatement('./list-changed-durations.sql', import.meta.url);
const FORGET_DURATIONS = loadStatement('./forget-durations.sql', import.meta.url);

interface Row {
  readonly org: string;
  readonly kind: string;
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
  readonly expected_ms: number | null;
}

/** The record of durations in Postgres. */
export function createDurationRecord(db: Database): DurationRecord {
  return {
    async learnDurations(found) {
      if (found.length === 0) return [];
      const some = found.slice(0, MAX_LEARNED);
      const rows = await db.write<Row & { is_new: boolean }>(LEARN_DURATIONS, [
        some.map(({ org }) => org),
        some.map(({ kind }) => kind),
        some.map(({ count }) => count),
        some.map(({ mean }) => mean),
        some.map(({ variance }) => variance),
        REMEMBERED,
        LEAST_COUNT,
        MAX_SPREAD,
        MOST_TIMES,
        MOVES_EVERY_MS,
      ]);
      // Only what is new makes them too many.
      const grown = new Set(rows.filter(({ is_new }) => is_new).map(({ org }) => org));
      if (grown.size > 0) await db.write(FORGET_DURATIONS, [[...grown], MAX_KINDS]);
      return rows.map(decode);
    },

    async changedDurations(withinMs, limit) {
      return (await db.read<Row>(LIST_CHANGED_DURATIONS, [Math.ceil(withinMs), limit])).map(decode);
    },
  };
}

function decode({ org, kind, count, mean, variance, expected_ms }: Row): LearnedDuration {
  return { org, kind, count, mean, variance, expectedMs: expected_ms };
}
