import { isRecordAway, isRecordFull } from '../domain/record-errors.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Outages } from '../ports/outages.js';
import type { Database } from './database.js';

export interface OutageWatchOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** How long those who hold leases take to prolong all of them, in ms: two intervals of renewal. */
  readonly settleMs: number;
}

export interface OutageWatch {
  /** The database that was given; what is asked of it is noted. */
  readonly db: Database;
  readonly outages: Outages;
  /** Asks whether it is there. To be called about every second; never rejects. */
  probe(): Promise<void>;
}

const PROBE = { name: 'probe', text: 'SELECT 1' };

/** Notes from everything that is asked of a database whether it is there. */
export function watchOutages(inner: Database, { clock, log, settleMs }: OutageWatchOptions): OutageWatch {
  /** Monotonic ms: since when nobody has answered, or nothing could be written; when that failed last. */
  let awaySince: number | null = null;
  let fullSince: number | null = null;
  let fullLast = 0;
  /** Monotonic ms: when leases were last not to be relied on. It may have been away before we came. */
  let unsettledAt = clock.monotonic();

  const since = () => awaySince ?? fullSince;

  function failed(error: unknown, began: number): void {
    if (isRecordAway(error)) {
      if (since() === null) log.warn({ err: error }, 'the record is away');
      awaySince ??= began;
    } else if (isRecordFull(error)) {
      if (since() === null) log.warn({ err: error }, 'the record cannot write');
      fullSince ??= began;
      fullLast = clock.monotonic();
    } else answered(false);
  }

  function answered(wrote: boolean): void {
    const before = since();
    if (before === null) return;
    awaySince = null;
    if (wrote || clock.monotonic() - fullLast > settleMs) fullSince = null;
    if (since() !== null) return;
    unsettledAt = clock.monotonic();
    log.info({ awayMs: Math.round(unsettledAt - before) }, 'the record is back');
  }

  async function noted<T>(call: Promise<T>, writes: boolean): Promise<T> {
    const began = clock.monotonic();
    try {
      const result = await call;
      answered(writes);
      return result;
    } catch (error) {
      failed(error, began);
      throw error;
    }
  }

  const db: Database = {
    write: (statement, values) => noted(inner.write(statement, values), true),
    read: (statement, values) => noted(inner.read(statement, values), false),
    transaction: (work) => noted(inner.transaction(work), true),
    exec: (sql) => noted(inner.exec(sql), false),
    close: () => inner.close(),
  };

  async function probe(): Promise<void> {
    await db.read(PROBE, []).catch(() => undefined);
  }

  return {
    db,
    probe,
    outages: {
      awayMs() {
        const began = since();
        return began === null ? null : clock.monotonic() - began;
      },
      async settled() {
        await probe();
        return since() === null && clock.monotonic() - unsettledAt >= settleMs;
      },
    },
  };
}
