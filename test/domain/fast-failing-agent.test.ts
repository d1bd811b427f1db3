import { expect, test } from 'vitest';
import { leastConnections } from '../../src/domain/selection/least-connections.js';
import { MemoryIndex } from '../../src/memory/ready-index.js';
import type { Reservation } from '../../src/ports/ready-index.js';
import { agent, claims, confirmed, ORG, task } from '../conformance/ready-index-world.js';
import { FakeClock } from '../support/fake-clock.js';
import { seededRandom } from '../support/seeded-random.js';

const SLOTS = 4;
const TASK_MS = 1_000;
const FAILS_AFTER_MS = 50;
const BACKOFF_MS = 1_000;
const TASKS = 6_000;
/** 13 tasks a second on four agents that can do 16: 81 % busy. */
const EVERY_MS = 77;

/** Five agents, one of which fails everything at once. @returns the share of attempts that were wasted */
async function wasted(guarded: boolean): Promise<number> {
  const clock = new FakeClock();
  const quiet = () => undefined;
  const index = new MemoryIndex({
    clock,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    random: seededRandom(1),
    strategyOf: () => leastConnections,
    minHealth: 0.5,
    reportsLastMs: 45_000,
  });
  const granted = new Map<string, number>();
  const grant = async (id: string, n: number) => {
    granted.set(id, (granted.get(id) ?? 0) + n);
    await index.grant(id, granted.get(id) ?? 0);
  };
  for (const id of ['bad', 'g1', 'g2', 'g3', 'g4']) {
    await index.putInstance({ org: ORG, sessionId: id, spec: agent(id), slots: SLOTS, held: [] });
    await grant(id, SLOTS);
  }

  let done = 0;
  let attempts = 0;
  let failures = 0;
  const work: { readonly at: number; readonly run: () => Promise<void> }[] = [];
  const later = (ms: number, run: () => Promise<void>) => {
    const at = clock.monotonic() + ms;
    const place = work.findIndex((w) => w.at > at);
    work.splice(place < 0 ? work.length : place, 0, { at, run });
  };
  const end = async (r: Reservation) => {
    const failed = r.agentId === 'bad';
    if (guarded) await index.recordAttempts([{ ...r, outcome: failed ? 'FAILED' : 'SUCCEEDED' }]);
    await index.freeSlots(claims([r]));
    await grant(r.agentId, 1);
    if (!failed) done += 1;
    else {
      failures += 1;
      later(BACKOFF_MS, () => index.add([task(r.taskId, { lastAgentId: guarded ? r.agentId : null })]));
    }
  };
  for (let i = 0; i < TASKS; i += 1) later(i * EVERY_MS, () => index.add([task(`t${i}`, { score: i })]));
  while (done < TASKS) {
    const next = work.shift();
    if (!next) throw new Error('tasks were lost');
    clock.advance(Math.max(0, next.at - clock.monotonic()));
    await next.run();
    const given = await index.reserve(100);
    await index.confirm(confirmed(given));
    attempts += given.length;
    for (const r of given) later(r.agentId === 'bad' ? FAILS_AFTER_MS : TASK_MS, () => end(r));
  }
  expect(attempts).toBe(done + failures);
  return failures / attempts;
}

// Measured here: 77.4 % without the guard, 0.4 % with it.
test('an agent that fails fast wastes at most 1 % of the attempts; without the guard, a large part', async () => {
  const [without, withGuard] = [await wasted(false), await wasted(true)];
  expect(without).toBeGreaterThan(0.3);
  expect(withGuard).toBeLessThanOrEqual(0.01);
});
