import type { Clock } from '../ports/clock.js';
import type { LeaseClock, LeaseSpans } from '../ports/lease-clock.js';
import type { Log } from '../ports/log.js';

/** A jump of less than this, in ms, is left to the leases: agents renew four times in one. */
const JUMP_MS = 5_000;
/** A look whose answer took longer tells too little to compare the next ones with, in ms. */
const SLOW_MS = 1_000;

/** Notices jumps of the clock that leases run on, by comparing it with the monotonic one of this process. */
export interface ClockWatch {
  /** Reads the clock. Every coordinator does, so that one that takes over knows what the last leader saw. */
  look(): Promise<void>;
  /** Begins all leases anew if there was a jump. To be done before any is ended. */
  mend(): Promise<void>;
}

export interface ClockWatchOptions {
  readonly leaseClock: LeaseClock;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Log;
  readonly spans: LeaseSpans;
}

/** The record's clock less the monotonic one: it is somewhere between these two, in ms. */
interface Offset {
  readonly least: number;
  readonly most: number;
}

export function createClockWatch({ leaseClock, clock, log, spans }: ClockWatchOptions): ClockWatch {
  let last: Offset | null = null;
  /** A jump whose leases were not begun anew yet, and when it was noticed, monotonic. */
  let jumped: { readonly at: number; readonly back: boolean } | null = null;

  async function look(): Promise<void> {
    const asked = clock.monotonic();
    const now = await leaseClock.now();
    const answered = clock.monotonic();
    const offset = { least: now - answered, most: now - asked };
    const ahead = last ? offset.least - last.most : 0;
    const behind = last ? last.least - offset.most : 0;
    if (Math.max(ahead, behind) > JUMP_MS) {
      const byMs = Math.round(ahead > 0 ? ahead : -behind);
      log.warn({ byMs }, "the record's clock has jumped: leases begin anew before any is ended");
      // One ahead does not take back what one back has left.
      jumped = { at: answered, back: behind > ahead || jumped?.back === true };
      last = offset;
    } else if (last === null || answered - asked <= SLOW_MS) {
      last = offset;
    }
  }

  return {
    look,
    async mend() {
      const noticed = jumped;
      if (noticed === null) return;
      // What another leader left undone for so long has been renewed since, or nobody has it any more;
      // but then, after a jump back, it would end as much later as the clock went back.
      if (noticed.back || clock.monotonic() - noticed.at < spans.leaseMs) {
        const leases = await leaseClock.beginLeasesAnew(spans);
        log.info({ leases }, 'leases begin anew');
      }
      if (jumped === noticed) jumped = null;
    },
  };
}
