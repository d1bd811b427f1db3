import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BusyFleet, type Lease, longestPause, openBusyFleet, SLOTS } from './support/busy-fleet.js';

/** Within what time agents have work again, whatever has failed. */
const PROMISED_MS = 5_000;
/** How long agents are watched before something fails. */
const CALM_MS = 2_000;
/** How long Redis is away: `CARRY_ON_SECONDS=180` for three minutes. */
const AWAY_MS = Number(process.env.CARRY_ON_SECONDS ?? 6) * 1_000;

let fleet: BusyFleet;
beforeAll(async () => {
  fleet = await openBusyFleet();
}, 120_000);
afterAll(() => fleet.close());

const now = () => performance.now();

/** Waits until every agent has begun something since then. */
async function allBusySince(from: number): Promise<void> {
  await expect
    .poll(() => fleet.workers.every(({ began }) => (began.at(-1) ?? 0) > from), { timeout: 60_000 })
    .toBe(true);
}

/** The figures of an outage, for whoever runs it by hand. */
function tell(name: string, figures: Record<string, number>): void {
  const words = Object.entries(figures).map(([what, figure]) => `${what} ${Math.round(figure)}`);
  process.stdout.write(`${name}: ${words.join(', ')}\n`);
}

/**
 * The longest pause of an agent while nothing fails, in ms: so long the machine itself keeps it
 * waiting, which is not what is promised.
 */
async function calmPause(): Promise<number> {
  await allBusySince(now());
  const from = now();
  await pause(CALM_MS);
  return longestPause(fleet.workers, from, now());
}

/** Fails and comes back; agents have work again in time. @param ms how long it is looked at */
async function carriesOn(name: string, ms: number, fail: () => Promise<unknown> | unknown): Promise<void> {
  const calmMs = await calmPause();
  const [from, before] = [now(), fleet.acknowledged()];
  await fail();
  await pause(Math.max(0, from + ms - now()));
  const pauseMs = longestPause(fleet.workers, from, now());
  const acknowledged = fleet.acknowledged() - before;
  tell(name, { 'longest pause of an agent, ms': pauseMs, 'before it, ms': calmMs, acknowledged });
  expect(pauseMs).toBeLessThan(PROMISED_MS + calmMs);
}

test('a coordinator is killed', async () => {
  const [first] = fleet.coordinators;
  await carriesOn('SIGKILL', 7_000, () => first.kill());
  await first.restart();
  await fleet.isAsked(first);
}, 120_000);

test('a coordinator is frozen', async () => {
  const [, second] = fleet.coordinators;
  await carriesOn('SIGSTOP', 8_000, () => second.freeze()).finally(() => second.thaw());
  await fleet.isAsked(second);
  await allBusySince(now());
}, 120_000);

test('Redis loses all it has: agents have no more than their slots meanwhile', async () => {
  // What the frozen coordinator had claimed and not sent counts until it was to be accepted.
  await expect.poll(() => fleet.hasUnaccepted(2_000), { timeout: 30_000 }).toBe(false);
  let most: readonly Lease[] = [];
  let looking = true;
  const looked = (async () => {
    while (looking) {
      const leases = await fleet.mostLeases();
      if (leases.length > most.length) most = leases;
    }
  })();
  await carriesOn('FLUSHALL', 5_000, () => fleet.flushRedis());
  looking = false;
  await looked;
  expect(most.length, JSON.stringify(most)).toBeLessThanOrEqual(SLOTS);
  for (const { mostRunning } of fleet.workers) expect(mostRunning).toBeLessThanOrEqual(SLOTS);
}, 120_000);

test(
  'Redis is away: what runs lives on, submissions and results are recorded',
  async () => {
    const calmMs = await calmPause();
    const longs = await Promise.all([1, 2, 3, 4].map(() => fleet.startLong()));
    const [before, done] = [fleet.acknowledged(), longs.slice(0, 2)];
    await fleet.redis.crash();
    const from = now();
    await pause(AWAY_MS / 2);
    fleet.release(done);
    for (const id of done)
      await expect.poll(async () => (await fleet.inRecord(id)).state, { timeout: 10_000 }).toBe('SUCCEEDED');
    await pause(Math.max(0, from + AWAY_MS - now()));
    const acknowledged = fleet.acknowledged() - before;
    await fleet.redis.restart();
    const back = now();
    await allBusySince(back);
    const pauseMs = now() - back;
    fleet.release(longs);
    for (const id of longs)
      await expect
        .poll(() => fleet.inRecord(id), { timeout: 20_000 })
        .toEqual({ state: 'SUCCEEDED', epoch: 1 });
    tell('Redis away', { s: AWAY_MS / 1_000, acknowledged, 'until all agents worked again, ms': pauseMs });
    expect(acknowledged).toBeGreaterThan((AWAY_MS / 1_000) * 30);
    expect(pauseMs).toBeLessThan(PROMISED_MS + calmMs);
  },
  AWAY_MS + 120_000,
);

test('Postgres stops at once', async () => {
  const calmMs = await calmPause();
  await fleet.postgres.crash();
  await pause(2_000);
  await fleet.postgres.restart();
  const back = now();
  await allBusySince(back);
  const pauseMs = now() - back;
  tell('Postgres -m immediate', { 'until all agents worked again, ms': pauseMs });
  expect(pauseMs).toBeLessThan(PROMISED_MS + calmMs);
}, 120_000);

test('after all of it nothing is lost, and nothing was accepted twice', async () => {
  const acknowledged = fleet.acknowledged();
  expect(await fleet.settle()).toEqual([]);
  tell('in all', { acknowledged, succeeded: await fleet.succeeded() });
}, 120_000);
