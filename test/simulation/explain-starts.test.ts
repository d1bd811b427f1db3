import { expect, test } from 'vitest';
import { NO_REQUIREMENTS } from '../../src/domain/tasks/requirements.js';
import { seededRandom } from '../support/seeded-random.js';
import { ExplainWorld } from './explain-world.js';

const requirements = { ...NO_REQUIREMENTS, capabilities: ['work'] };
const MEAN_MS = 10_000;
const RUNS = 100;
const ASKED_A_RUN = 8;

type Draw = (chance: () => number) => number;

const normal: Draw = (chance) => Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance());
const logNormal =
  (sigma: number): Draw =>
  (chance) =>
    MEAN_MS * Math.exp(sigma * normal(chance) - sigma ** 2 / 2);

/** Service times by their distribution, all with the same mean. */
const DISTRIBUTIONS: Readonly<Record<string, Draw>> = {
  exponential: (chance) => -MEAN_MS * Math.log(1 - chance()),
  uniform: (chance) => MEAN_MS * (0.2 + 1.6 * chance()),
  'log-normal, narrow': logNormal(0.4),
  'log-normal, wide': logNormal(1),
  'mostly short, some long': (chance) =>
    (chance() < 0.8 ? MEAN_MS * 0.4 : MEAN_MS * 3.4) * (0.8 + 0.4 * chance()),
};

/** Agents that work off a backlog. @returns of the tasks that were asked of, how many began as was expected */
async function run(seed: number, draw: Draw): Promise<{ readonly asked: number; readonly within: number }> {
  const chance = seededRandom(seed);
  const int = (most: number) => Math.floor(chance() * (most + 1));
  const world = new ExplainWorld(seed);
  const agents = 1 + int(2);
  for (let i = 0; i < agents; i += 1) await world.connect(`agent-${i}`, { slots: 1 + int(3) });
  const ends = new Map<string, number>();
  const begun = new Map<string, number>();
  let seen = 0;
  const giveOut = async () => {
    await world.dispatch();
    for (const { taskId } of world.claimed.slice(seen)) {
      begun.set(taskId, world.clock.now());
      ends.set(taskId, world.clock.now() + Math.max(1, draw(chance)));
    }
    seen = world.claimed.length;
  };
  const endOne = async () => {
    const [taskId, at] = [...ends].reduce((a, b) => (b[1] < a[1] ? b : a));
    world.clock.advance(Math.max(0, at - world.clock.now()));
    ends.delete(taskId);
    await world.settle(taskId, 'SUCCEEDED');
    await giveOut();
  };
  for (let i = 0; i < 200; i += 1) await world.submit({ kind: 'work', requirements });
  await giveOut();
  // So long that durations are known, and slots do not end together any more.
  for (let i = 0; i < 110; i += 1) await endOne();
  // As somebody asks: at any time, not just as a slot becomes free.
  world.clock.advance((Math.min(...ends.values()) - world.clock.now()) * chance());
  const waiting = world.tasks.filter((taskId) => !begun.has(taskId));
  const expected = new Map<string, readonly [number, number]>();
  for (let i = 0; i < ASKED_A_RUN; i += 1) {
    const taskId = waiting[int(waiting.length - 1)] as string;
    const { place } = await world.explain(taskId);
    if (!place?.start) throw new Error(`nothing is expected of ${taskId}`);
    expected.set(taskId, [place.start.earliest, place.start.latest]);
  }
  while (ends.size > 0) await endOne();
  let within = 0;
  for (const [taskId, [earliest, latest]] of expected) {
    const at = begun.get(taskId) ?? Number.NaN;
    if (at >= earliest && at <= latest) within += 1;
  }
  return { asked: expected.size, within };
}

test('eight of ten tasks begin when they were expected to, whatever the service times', async () => {
  const shares: Record<string, number> = {};
  let [asked, within] = [0, 0];
  for (const [name, draw] of Object.entries(DISTRIBUTIONS)) {
    const sum = { asked: 0, within: 0 };
    for (let seed = 1; seed <= RUNS; seed += 1) {
      const one = await run(seed, draw);
      sum.asked += one.asked;
      sum.within += one.within;
    }
    shares[name] = sum.within / sum.asked;
    asked += sum.asked;
    within += sum.within;
  }
  process.stdout.write(
    `begin within their interval: ${JSON.stringify({ ...shares, asked, all: within / asked })}\n`,
  );
  expect(within / asked).toBeGreaterThan(0.75);
  expect(within / asked).toBeLessThan(0.85);
  for (const [name, share] of Object.entries(shares)) {
    expect(share, name).toBeGreaterThan(0.7);
    expect(share, name).toBeLessThan(0.9);
  }
}, 300_000);
