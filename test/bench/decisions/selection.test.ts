import { expect, test } from 'vitest';
import { randomOf } from '../../../bench/decisions/chance/random.js';
import { PRODUCT } from '../../../bench/decisions/scenario.js';
import { flap } from '../../../bench/decisions/scenarios/flapping.js';
import { atLoad } from '../../../bench/decisions/scenarios/unlike-agents.js';
import { byStrategy } from '../../../bench/decisions/selection/by-strategy.js';
import { place, placerOf } from '../../../bench/decisions/selection/placers.js';
import { unlikeAgents } from '../../../bench/decisions/selection/unlike-agents.js';
import { meanOf } from '../../../bench/decisions/statistics.js';
import { STRATEGIES } from '../../../src/domain/selection/strategies.js';

const HOUR = 3_600_000;

test('S4: tasks end sooner by what was measured of agents than by their load, and nearly as by what is true', () => {
  const world = unlikeAgents(2, 0.5, 2 * HOUR);
  const by = (name: string) => place(world, placerOf(name, 2), 1);
  const [reeve, load, truth] = [by(PRODUCT), by('least connections'), by('truly fastest')];
  expect(reeve.flow).toBeLessThan(0.9 * load.flow);
  expect(reeve.flow).toBeLessThan(1.25 * truth.flow);
  expect(reeve.wrong).toBeLessThan(load.wrong / 2);
});

test('S4: tasks end as soon as the target says over three seeds', () => {
  const figures = [1, 2, 3].map((seed) => atLoad(seed, 0.8, PRODUCT).oracle80 ?? Number.NaN);
  expect(meanOf(figures)).toBeLessThanOrEqual(1.05);
});

test('S6: no task is dead-lettered and at most one attempt in a hundred is wasted; without the guard many are', () => {
  const strategy = (guarded: boolean) =>
    byStrategy(STRATEGIES.LEAST_CONNECTIONS, randomOf(1, 'policy'), guarded);
  const [withGuard, without] = [true, false].map((guarded) => flap(1, strategy(guarded), HOUR));
  expect(withGuard?.dead).toBe(0);
  expect(withGuard?.wasted).toBeLessThanOrEqual(0.01);
  expect(without?.wasted).toBeGreaterThan(0.2);
  expect(without?.dead).toBeGreaterThan(0.001);
});

test('S4: the same seed gives the same figures', () => {
  const run = () => {
    const world = unlikeAgents(3, 0.8, HOUR / 2);
    const { endings, ...figures } = place(world, placerOf('power of two', 3), 1);
    return { ...figures, order: endings.map(({ job }) => job.taskId) };
  };
  expect(run()).toEqual(run());
});
