import type { KeyLimits } from '../domain/limits/org-limits.js';
import { NO_REQUIREMENTS } from '../domain/tasks/requirements.js';
import type { RecentStart, RunningTask } from '../ports/ready-index.js';
import type { OpenTask } from '../ports/task-record.js';
import type { Ports } from '../usecases/ports.js';
import type { Service } from './service.js';
import { PAGE } from './tell-open-tasks.js';
import { createTicker } from './ticker.js';

export interface RunningLoaderOptions {
  /** From when it is not known what runs of an organisation until it is read, in ms: reservations from before lapse meanwhile. */
  readonly settleMs: number;
}

/** How often those that wait are looked at, in ms. */
const LOOK_MS = 250;
/** Tasks that name limits which are looked at for recent starts. */
const MAX_LOOKED_AT = 50_000;
/** Before the first task of an organisation. */
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** Tells the index what runs of organisations that limit something, whenever it does not know. */
export function createRunningLoader(ports: Ports, { settleMs }: RunningLoaderOptions): Service {
  const { index, clock, log } = ports;
  /** When each was told of, and not to be looked at before: monotonic, ms. */
  const unready = new Map<string, { readonly since: number; readonly notBefore: number }>();

  async function tick(): Promise<boolean> {
    let failure: unknown = null;
    for (const [org, { since, notBefore }] of [...unready]) {
      const now = clock.monotonic();
      if (now < notBefore) continue;
      // It may be told of anew meanwhile.
      unready.delete(org);
      try {
        const waitsMs = await tell(org, now - since - settleMs);
        if (waitsMs > 0) again(org, since, now + waitsMs);
      } catch (error) {
        // The next one does not wait for it.
        failure = error;
        again(org, since, notBefore);
      }
    }
    if (failure !== null) throw failure;
    return false;
  }

  function again(org: string, since: number, notBefore: number): void {
    if (!unready.has(org)) unready.set(org, { since, notBefore });
  }

  /** @returns how long it has still to be waited, in ms: too many starts cannot be known; 0: it was told */
  async function tell(org: string, waitedMs: number): Promise<number> {
    const { starts, waitMs } = await recentStarts(ports, org);
    if (waitMs > waitedMs) return waitMs - waitedMs;
    const running = await runningTasks(ports, org);
    await index.setRunning(org, running, starts);
    log.info({ org, running: running.length }, 'what runs is known: its limits hold');
    return 0;
  }

  const ticker = createTicker({ name: 'running-loader', clock, log, everyMs: LOOK_MS, tick });
  index.onUnready((org) => {
    again(org, clock.monotonic(), clock.monotonic() + settleMs);
    if (settleMs === 0) ticker.wake();
  });
  return ticker;
}

async function runningTasks({ record }: Ports, org: string): Promise<readonly RunningTask[]> {
  const running: RunningTask[] = [];
  let page = await record.listOpenTasks({ org, taskId: FIRST_ID }, PAGE);
  for (;;) {
    const { tasks, cursor } = page;
    for (const task of tasks) {
      if (task.ready.org !== org) return running;
      const one = runningOf(task);
      if (one) running.push(one);
    }
    if (cursor === null || cursor.org !== org) return running;
    page = await record.listOpenTasks(cursor, PAGE);
  }
}

function runningOf({ ready, epoch, agentId, leaseRemainingMs }: OpenTask): RunningTask | null {
  if (leaseRemainingMs === null || agentId === null) return null;
  const { org, taskId, seq, kind, tier, band, requirements } = ready;
  // Of what they ask for nothing counts here but what they share: tasks may be many.
  const { keys } = requirements;
  const shared = keys === null ? NO_REQUIREMENTS : { ...NO_REQUIREMENTS, keys };
  return { org, taskId, epoch, seq, agentId, kind, tier, band, requirements: shared };
}

interface RecentStarts {
  readonly starts: readonly RecentStart[];
  /** How long after nothing limited was given out any more they are all there are, in ms. */
  readonly waitMs: number;
}

async function recentStarts({ record, orgRules, clock }: Ports, org: string): Promise<RecentStarts> {
  const { limits } = (await orgRules.of(org)).config;
  const periods = Object.values(limits).map(({ rate }) => rate?.periodMs ?? 0);
  const withinMs = Math.max(0, ...periods);
  if (withinMs === 0) return { starts: [], waitMs: 0 };
  const read = await record.listRecentStarts({ org, withinMs, limit: MAX_LOOKED_AT });
  const now = clock.now();
  const starts = read.starts.map(({ limits: named, agoMs, count }) => {
    return { limits: named, time: now - agoMs, count };
  });
  if (read.isComplete) return { starts, waitMs: 0 };
  return { starts: [...starts, ...fullRates(limits, now)], waitMs: patternPeriodMs(limits) };
}

/** Keys that only a pattern names are not known: of their starts none counts once the longest period is over. */
function patternPeriodMs(limits: KeyLimits): number {
  const periods = Object.entries(limits).map(([key, { rate }]) =>
    key.endsWith('*') ? (rate?.periodMs ?? 0) : 0,
  );
  return Math.max(0, ...periods);
}

/** As if each rate had just been used up. */
function fullRates(limits: KeyLimits, time: number): readonly RecentStart[] {
  return Object.entries(limits).flatMap(([key, { rate }]) =>
    rate ? [{ limits: [key], time, count: rate.count }] : [],
  );
}
