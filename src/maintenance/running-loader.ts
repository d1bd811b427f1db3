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
  /** When each was told of: monotonic, ms. */
  const unready = new Map<string, number>();

  async function tick(): Promise<boolean> {
    for (const [org, since] of unready) {
      if (clock.monotonic() - since < settleMs) continue;
      const starts = await recentStarts(ports, org);
      const running = await runningTasks(ports, org);
      await index.setRunning(org, running, starts);
      // It may have been told of anew meanwhile.
      if (unready.get(org) === since) unready.delete(org);
      log.info({ org, running: running.length }, 'what runs is known: its limits hold');
    }
    return false;
  }

  const ticker = createTicker({ name: 'running-loader', clock, log, everyMs: LOOK_MS, tick });
  index.onUnready((org) => {
    if (!unready.has(org)) unready.set(org, clock.monotonic());
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

async function recentStarts({ record, orgRules, clock, log }: Ports, org: string): Promise<RecentStart[]> {
  const { limits } = (await orgRules.of(org)).config;
  const periods = Object.values(limits).map(({ rate }) => rate?.periodMs ?? 0);
  const withinMs = Math.max(0, ...periods);
  if (withinMs === 0) return [];
  const read = await record.listRecentStarts({ org, withinMs, limit: MAX_LOOKED_AT });
  const now = clock.now();
  const starts = read.starts.map(({ limits: named, agoMs, count }) => {
    return { limits: named, time: now - agoMs, count };
  });
  if (read.isComplete) return starts;
  log.warn({ org }, 'too many tasks name limits to know all recent starts; full rates are taken for granted');
  return [...starts, ...fullRates(limits, now)];
}

/** As if each rate had just been used up. */
function fullRates(limits: KeyLimits, time: number): readonly RecentStart[] {
  return Object.entries(limits).flatMap(([key, { rate }]) =>
    rate ? [{ limits: [key], time, count: rate.count }] : [],
  );
}
