import { Counter, Gauge, type Registry } from 'prom-client';
import type { Clock } from '../ports/clock.js';
import type { HeadStarts, ReadyIndex, StandBack } from '../ports/ready-index.js';

export interface QueueMetricsSources {
  readonly index: Pick<ReadyIndex, 'queueSizes'>;
  readonly clock: Pick<Clock, 'now'>;
  /** What a task's score is below the time it first was runnable. */
  readonly headStarts: HeadStarts;
  /** What was taken off that because the task takes long. Default: nothing. */
  readonly standBack?: StandBack;
}

const EVERYTHING = { tier: null, kind: null };

/** The queues of all organisations together, by tier. */
export function createQueueMetrics(
  registry: Registry,
  { index, clock, headStarts, standBack }: QueueMetricsSources,
): { look(): Promise<void> } {
  const about = (name: string, help: string) => ({
    name: `reeve_queue_${name}`,
    help,
    labelNames: ['tier'] as const,
    registers: [registry],
  });
  const waiting = new Gauge(about('waiting', 'Tasks that are ready and wait for an agent'));
  const delayed = new Gauge(about('delayed', 'Tasks that wait for their time'));
  const reserved = new Gauge(about('reserved', 'Tasks that have an agent and are being claimed'));
  const held = new Gauge(about('held', 'Tasks that wait in a part that is paused or being cleared'));
  const oldest = new Gauge(
    about('oldest_wait_seconds', 'How long the longest has waited since it first was runnable'),
  );
  const counters = {
    entered: new Counter(about('entered_total', 'Tasks that came into the queue')),
    claimed: new Counter(about('claimed_total', 'Tasks that were given to agents')),
    ended: new Counter(about('ended_total', 'Tasks that agents let go of: done, failed, returned, lost')),
  };
  const counted = new Map<string, number>();

  return {
    async look() {
      const { tiers } = await index.queueSizes(null, EVERYTHING, headStarts, standBack);
      for (const size of tiers) {
        const { tier, waitingSince: since, totals } = size;
        waiting.set({ tier }, size.waiting);
        delayed.set({ tier }, size.delayed);
        reserved.set({ tier }, size.reserved);
        held.set({ tier }, size.held);
        oldest.set({ tier }, since === null ? 0 : Math.max(0, clock.now() - since) / 1_000);
        for (const move of ['entered', 'claimed', 'ended'] as const) {
          const key = `${move} ${tier}`;
          const before = counted.get(key) ?? 0;
          // An index that has lost what it had counts from nothing again.
          counters[move].inc({ tier }, totals[move] < before ? totals[move] : totals[move] - before);
          counted.set(key, totals[move]);
        }
      }
    },
  };
}
