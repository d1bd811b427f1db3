import type { Clock } from '../ports/clock.js';
import type { LeaseClock } from '../ports/lease-clock.js';
import type { Log } from '../ports/log.js';
import type { RetentionCursor, RetentionRecord } from '../ports/retention-record.js';
import type { WorkflowRecord } from '../ports/workflow-record.js';
import type { Service } from './service.js';
import { createTicker } from './ticker.js';

const DAY_MS = 86_400_000;
/** Between two passes, and between two batches of one, in ms. */
const PASS_EVERY_MS = 3_600_000;
const BATCH_EVERY_MS = 250;
const BATCH = 1_000;
const WORKFLOWS = 100;

export interface RetentionOptions {
  readonly retention: RetentionRecord;
  readonly workflows: Pick<WorkflowRecord, 'forget'>;
  readonly leaseClock: Pick<LeaseClock, 'now'>;
  readonly clock: Clock;
  readonly log: Log;
  /** How long an ended task is kept, with its results and its trail, in ms; and so an ended workflow. */
  readonly tasksMs: number;
  /** How long the name of a submission is kept, in ms; at most as long as its task. */
  readonly requestIdsMs: number;
  readonly batch?: number;
}

interface Pass {
  /** Workflows that ended so long ago may go, by the record's clock. */
  readonly endedForMs: number;
  /** Tasks of the days before it may go. */
  readonly beforeMs: number;
  cursor: RetentionCursor | null;
  readonly keptDays: Set<number>;
  dropped: number;
  workflowsLeft: boolean;
}

/**
 * Drops what ended long ago, pass after pass, a batch at a time: names of submissions, then workflows, then tasks
 * of days that are over for so long, then those of these days of which no task is left, whole. A day
 * with a task that is open, or ended not so long ago, keeps its specs, results and trails; so does one with a task of
 * a workflow that is open, or ended not so long ago.
 */
export function createRetention(options: RetentionOptions): Service {
  const { retention, workflows, leaseClock, clock, log, tasksMs, requestIdsMs, batch = BATCH } = options;
  let pass: Pass | null = null;
  let nextAt = Number.NEGATIVE_INFINITY;

  async function begin(): Promise<Pass> {
    // A clock that is ahead must not drop anything early, so both have to say that it is time.
    const recordNow = await leaseClock.now();
    const now = Math.min(recordNow, clock.now());
    const beforeMs = Math.floor((now - tasksMs) / DAY_MS) * DAY_MS;
    const endedForMs = Math.ceil(tasksMs + recordNow - now);
    return { endedForMs, beforeMs, cursor: null, keptDays: new Set(), dropped: 0, workflowsLeft: true };
  }

  async function end({ beforeMs, keptDays, dropped }: Pass): Promise<void> {
    pass = null;
    nextAt = clock.monotonic() + PASS_EVERY_MS;
    const days = await retention.dropDays(beforeMs, keptDays);
    if (dropped + days > 0) log.info({ tasks: dropped, days }, 'what ended long ago was dropped');
  }

  async function tick(): Promise<boolean> {
    if (pass === null) {
      if (clock.monotonic() < nextAt) return false;
      const forgotten = await retention.forgetRequestIds(Math.min(requestIdsMs, tasksMs), batch);
      if (forgotten === batch) return false;
      pass = await begin();
    }
    const { endedForMs, beforeMs, cursor, keptDays } = pass;
    if (pass.workflowsLeft) {
      pass.workflowsLeft = (await workflows.forget(endedForMs, WORKFLOWS)) > 0;
      return false;
    }
    const page = await retention.dropTasks(cursor, { beforeMs, keepMs: tasksMs, limit: batch });
    for (const day of page.keptDays) keptDays.add(day);
    pass.dropped += page.dropped;
    pass.cursor = page.cursor;
    if (page.cursor === null) await end(pass);
    return false;
  }

  const ticker = createTicker({ name: 'retention', clock, log, everyMs: BATCH_EVERY_MS, tick });
  return {
    start() {
      pass = null;
      ticker.start();
    },
    stop: () => ticker.stop(),
  };
}
