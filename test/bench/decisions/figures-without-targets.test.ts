import { expect, test } from 'vitest';
import { PRODUCT } from '../../../bench/decisions/scenario.js';
import { DEADLINES } from '../../../bench/decisions/scenarios/deadlines.js';
import { amongStragglers } from '../../../bench/decisions/scenarios/stragglers.js';

test('S5: stragglers do not hide from Reeve who is fast', () => {
  const [reeve, load] = [PRODUCT, 'least connections'].map((policy) => amongStragglers(1, policy, 7_200_000));
  expect(reeve?.wrong).toBeLessThan((load?.wrong ?? 0) / 2);
});

test('S9: fewer tasks are late than first come, first served, and fewer still by their deadlines', () => {
  const [reeve, fifo, edf] = [PRODUCT, 'FIFO', 'earliest deadline'].map((policy) => DEADLINES.run(1, policy));
  expect(reeve?.late90).toBeLessThan(fifo?.late90 ?? 0);
  expect(edf?.late90).toBeLessThan(reeve?.late90 ?? 0);
  expect(edf?.others90).toBeGreaterThan(reeve?.others90 ?? 0);
});
