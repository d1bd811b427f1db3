import { expect, test } from 'vitest';
import { EARLY_ACK, LOST_REQUEUE, NO_CHAINS, NO_FENCE, NO_GATE } from './planted.js';
import { type Planted, simulate } from './simulate.js';

const SIZE = { coordinators: 3, agents: 4, tasks: 20 };
const ENOUGH = 100;

/** The violations of the first schedule that has any. */
async function firstViolations(planted: Planted): Promise<readonly string[]> {
  for (let seed = 1; seed <= ENOUGH; seed++) {
    const { violations } = await simulate(seed, SIZE, planted);
    if (violations.length > 0) return violations;
  }
  return [];
}

test('without the fence, results of lost leases are found to count', async () => {
  expect(await firstViolations(NO_FENCE)).toContainEqual(expect.stringMatching(/^I[34] /));
});

test('an acknowledgement before the commit is found to have promised too much', async () => {
  const violations = await firstViolations(EARLY_ACK);
  expect(violations).toContainEqual(expect.stringMatching(/^I1 .* is not in the record$/));
});

test('a task that is not queued again is found waiting for ever', async () => {
  const violations = await firstViolations(LOST_REQUEUE);
  expect(violations).toContainEqual(expect.stringMatching(/^I1 .* it has not ended: QUEUED$/));
});

test('a dependent that does not wait is found to be claimed too early', async () => {
  expect(await firstViolations(NO_GATE)).toContainEqual(
    expect.stringMatching(/^I5 .* which it waits for, was /),
  );
});

test('a chain that stops is found waiting for what has ended', async () => {
  expect(await firstViolations(NO_CHAINS)).toContainEqual(
    expect.stringMatching(/^I6 .* which is \w+, is open$/),
  );
});
