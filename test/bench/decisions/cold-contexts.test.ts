import { expect, test } from 'vitest';
import { PRODUCT } from '../../../bench/decisions/scenario.js';
import { inContexts, placerOf } from '../../../bench/decisions/scenarios/cold-contexts.js';

const HOUR = 3_600_000;

test('S10: warm agents end workflows sooner, and no step waits much longer for that', () => {
  const by = (name: string) => inContexts(1, placerOf(name, 1), 2 * HOUR);
  const [reeve, without] = [by(PRODUCT), by('without affinity')];
  expect(reeve.warm).toBeGreaterThan(2 * (without.warm ?? 0));
  expect(reeve.span).toBeLessThan(without.span ?? 0);
  expect(reeve.wait).toBeLessThan((without.wait ?? 0) + 60_000);
});
