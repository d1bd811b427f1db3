import { NO_DURATIONS, tallyOf } from '../domain/order/expected-duration.js';
import type { Clock } from '../ports/clock.js';
import { type DurationRecord, MAX_LEARNED } from '../ports/duration-record.js';
import type { ExpectedDurations } from '../ports/expected-durations.js';
import { DurationSamples, type KindSamples } from './duration-samples.js';
import { KnownDurations } from './known-durations.js';

/** How long before the last look at the record something may have moved that was not yet to be seen then. */
const LATE_MS = 60_000;
const EVER_MS = 100 * 365 * 86_400_000;
/** Kinds that are kept, of all organisations. */
const MAX_KNOWN = 50_000;

export interface LearnedDurationsOptions {
  readonly record: DurationRecord;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Kinds that are kept, of all organisations. Default 50,000. */
  readonly maxKnown?: number;
}

/** What one coordinator knows of how long tasks take, and finds of it. */
export interface LearnedDurations extends ExpectedDurations {
  /** Reads what all have learned. Rejects while the record is away. */
  load(): Promise<void>;
  /** Reads what has changed since. To be called twice a minute; rejects while the record is away. */
  look(): Promise<void>;
  /** Adds what was found here to the record. To be called every few seconds and at the end; what a failure leaves, the next call takes. */
  flush(): Promise<void>;
}

export function createLearnedDurations(options: LearnedDurationsOptions): LearnedDurations {
  const { record, clock, maxKnown = MAX_KNOWN } = options;
  const known = new KnownDurations(maxKnown);
  const samples = new DurationSamples();
  let lookedAt: number | null = null;
  let last: Promise<void> = Promise.resolve();

  async function read(): Promise<void> {
    const began = clock.monotonic();
    const withinMs = lookedAt === null ? EVER_MS : began - lookedAt + LATE_MS;
    const changed = await record.changedDurations(withinMs, maxKnown);
    // The newest last, which stay the longest.
    for (const one of [...changed].reverse()) known.put(one);
    lookedAt = began;
  }

  async function write(): Promise<void> {
    const taken = samples.take();
    if (taken.length === 0) return;
    try {
      const found = taken.map(({ org, kind, durations }) => ({
        org,
        kind,
        ...tallyOf(durations, known.tallyOf(org, kind) ?? NO_DURATIONS),
      }));
      for (let from = 0; from < found.length; from += MAX_LEARNED) {
        const page = found.slice(from, from + MAX_LEARNED);
        for (const one of await record.learnDurations(page)) known.put(one);
      }
    } catch (error) {
      putBack(taken);
      throw error;
    }
  }

  function putBack(taken: readonly KindSamples[]): void {
    for (const { org, kind, durations } of taken) for (const ms of durations) samples.add(org, kind, ms);
  }

  return {
    of: (org, kind) => known.expectedMs(org, kind),
    succeeded(org, kind, ms) {
      if (ms >= 0 && Number.isFinite(ms)) samples.add(org, kind, ms);
    },
    load: read,
    look: read,
    flush() {
      // One at a time: what the one before has left is taken along.
      last = last.then(write, write);
      return last;
    },
  };
}
