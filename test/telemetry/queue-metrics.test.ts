import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import type { QueueSizes, TierSize } from '../../src/ports/ready-index.js';
import { createQueueMetrics } from '../../src/telemetry/queue-metrics.js';

it('totals of an index that has lost what it had go on from there', async () => {
  const registry = new Registry();
  let entered = 0;
  const rates = { entered: 0, claimed: 0, ended: 0 };
  const tier: Omit<TierSize, 'totals'> = {
    ...{ tier: 'NORMAL', waiting: 0, delayed: 0, reserved: 0, held: 0, waitingSince: null, rates },
  };
  const queueSizes = async (): Promise<QueueSizes> => ({
    tiers: [{ ...tier, totals: { entered, claimed: 0, ended: 0 } }],
    lanes: [],
  });
  const headStarts = { CRITICAL: 0, URGENT: 0, HIGH: 0, NORMAL: 0, LOW: 0 };
  const metrics = createQueueMetrics(registry, {
    index: { queueSizes },
    clock: { now: () => 0 },
    headStarts,
  });
  for (const total of [5, 7, 2, 3]) {
    entered = total;
    await metrics.look();
  }
  expect(await registry.metrics()).toContain('reeve_queue_entered_total{tier="NORMAL"} 10');
});
