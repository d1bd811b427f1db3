import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@reeve/sdk';
import type { Plan } from './plan.js';
import { monotonicMs } from './program.js';
import type { Rig } from './rig.js';
import { median } from './statistics.js';
import { openRestartable, type RestartableRig } from './systems/reeve.js';
import type { ReeveOptions } from './systems/reeve-rig.js';

/** A coordinator that comes back to an empty index: ms from its start, as a process and as a server. */
export interface Recovery {
  readonly pending: number;
  readonly servesMs: number;
  /** Until an agent has the first task. */
  readonly firstDispatchMs: number;
  readonly firstDispatchAfterServingMs: number;
  /** Until everything that waits is in the index again. */
  readonly wholeIndexMs: number;
  readonly wholeIndexAfterServingMs: number;
}

/** Kills the coordinator while tasks wait, empties Redis, starts it again; medians of the rounds. */
export async function measureRecovery(
  plan: Plan,
  options: ReeveOptions,
  say: (text: string) => void,
): Promise<readonly Recovery[]> {
  const out: Recovery[] = [];
  for (const pending of plan.sizes) {
    const rounds: Recovery[] = [];
    for (let round = 0; round < plan.runs; round++) {
      const one = await recover(plan, options, pending);
      const { firstDispatchMs, wholeIndexMs } = one;
      const figures = `first dispatch ${Math.round(firstDispatchMs)} ms, whole index ${Math.round(wholeIndexMs)} ms`;
      say(`round ${round + 1} of ${plan.runs}, ${pending} pending: ${figures}`);
      rounds.push(one);
    }
    const middle = (of: (one: Recovery) => number) => median(rounds.map(of));
    out.push({
      pending,
      servesMs: middle((one) => one.servesMs),
      firstDispatchMs: middle((one) => one.firstDispatchMs),
      firstDispatchAfterServingMs: middle((one) => one.firstDispatchAfterServingMs),
      wholeIndexMs: middle((one) => one.wholeIndexMs),
      wholeIndexAfterServingMs: middle((one) => one.wholeIndexAfterServingMs),
    });
  }
  return out;
}

async function recover({ batch, inFlight }: Plan, options: ReeveOptions, pending: number): Promise<Recovery> {
  const rig = await openRestartable({ ...options, slots: 1 });
  try {
    await rig.client.ask({ do: 'flood', kind: 'bench.held', tasks: pending, batch, inFlight });
    await rig.crash();
    const startMs = monotonicMs();
    await rig.restart();
    const servesMs = monotonicMs() - startMs;
    const [first, whole] = await Promise.all([firstDispatch(rig), wholeIndex(rig, pending)]);
    return {
      pending,
      servesMs,
      firstDispatchMs: first - startMs,
      firstDispatchAfterServingMs: first - startMs - servesMs,
      wholeIndexMs: whole - startMs,
      wholeIndexAfterServingMs: whole - startMs - servesMs,
    };
  } finally {
    await rig.stop();
  }
}

/** One agent with one slot, which keeps what it gets. */
async function firstDispatch(rig: RestartableRig): Promise<number> {
  await rig.addWorkers(1);
  const [worker] = rig.workers;
  for (;;) {
    const { firstMs } = (await worker?.ask<{ firstMs: number | null }>({ question: 'first' })) ?? {};
    if (typeof firstMs === 'number') return firstMs;
    await sleep(5);
  }
}

async function wholeIndex({ address }: Rig, pending: number): Promise<number> {
  const client = createClient({ address, timeoutMs: 60_000 });
  try {
    for (;;) {
      const { tiers } = await client.queue.stats();
      const waiting = tiers.reduce((sum, tier) => sum + tier.waiting + tier.reserved, 0);
      // The agent has one of them.
      if (waiting >= pending - 1) return monotonicMs();
      await sleep(20);
    }
  } finally {
    client.close();
  }
}
