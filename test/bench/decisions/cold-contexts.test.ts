import { expect, test } from 'vitest';
import { PRODUCT } from '../../../bench/decisions/scenario.js';
import { inContexts, placerOf } from '../../../bench/decisions/scenarios/cold-contexts.js';

const HOUR = 3_600_000;

test('S10: warm agents end workflows sooner, and no step waits much longer for that', () => {
  const by = (name: string) => inContexts(1, placerOf(name, 1), 2 * HOUR);
  const [reeve, without] = [by(PRODUCT), by('without affinity')];
  expect(reeve.warm).toBeGreaterThan(0.7);
  expect(reeve.span).toBeLessThan(0.8 * (without.span ?? 0));
  expect(reeve.wait).toBeLessThan((without.wait ?? 0) + 60_000);
});
