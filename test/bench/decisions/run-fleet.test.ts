import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomOf } from '../../../bench/decisions/chance/random.js';
import { clairvoyant, fifo, random } from '../../../bench/decisions/order/by-number.js';
import { leastWeightedFlow } from '../../../bench/decisions/order/fast-machine.js';
import { inOrder, type Job } from '../../../bench/decisions/order/job.js';
import { reeve } from '../../../bench/decisions/order/reeve.js';
import { type Ending, runFleet } from '../../../bench/decisions/order/run-fleet.js';

const SECOND = 1_000;

function job(release: number, durationMs: number, change: Partial<Job> = {}): Omit<Job, 'taskId'> {
  return {
    ...{ release, durationMs, band: 'OTHER', tier: 'LOW', kind: 'k', weight: 1, fairnessKey: null },
    ...{ preemptible: true, ...change },
  };
}

const fleet = (slots: number, checkpointEveryMs?: number) => ({
  ...{ slots, noise: randomOf(1, 'noise') },
  ...(checkpointEveryMs !== undefined && { checkpointEveryMs }),
});
const times = (endings: readonly Ending[]) =>
  endings.map(({ job, began, ended }) => [job.taskId, began, ended]);

describe('the fleet', () => {
  it('gives a slot that is free to the next in order', () => {
    const jobs = inOrder([job(0, 10), job(1, 5), job(2, 1), job(3, 1)]);
    expect(times(runFleet(jobs, fifo(), fleet(2)))).toEqual([
      ['0000001', 1, 6],
      ['0000002', 6, 7],
      ['0000003', 7, 8],
      ['0000000', 0, 10],
    ]);
  });

  it('sends LOW work back for a person, who waits no longer than the grace', () => {
    const jobs = inOrder([job(0, 600 * SECOND), job(100 * SECOND, 30 * SECOND, { band: 'HUMAN' })]);
    const [person, low] = runFleet(jobs, reeve(), fleet(1));
    expect(person?.job.band).toBe('HUMAN');
    expect((person?.began ?? 0) - 100 * SECOND).toBeLessThanOrEqual(5 * SECOND);
    expect(low).toMatchObject({ preemptions: 1, began: 0 });
    expect(low?.lostMs).toBeGreaterThanOrEqual(100 * SECOND);
    expect(low?.ended).toBe((person?.ended ?? 0) + 600 * SECOND);
  });

  it('goes on from the last checkpoint', () => {
    const jobs = inOrder([job(0, 600 * SECOND), job(100 * SECOND, 30 * SECOND, { band: 'HUMAN' })]);
    const [person, low] = runFleet(jobs, reeve(), fleet(1, 30 * SECOND));
    expect(low?.lostMs).toBeLessThan(30 * SECOND);
    expect(low?.ended).toBe((person?.ended ?? 0) + 510 * SECOND);
  });

  it('sends back no more than there are people waiting, and nothing that is not marked so', () => {
    const three = [job(0, 600 * SECOND), job(0, 600 * SECOND), job(0, 600 * SECOND, { preemptible: false })];
    const jobs = inOrder([...three, job(50 * SECOND, 20 * SECOND, { band: 'HUMAN' })]);
    const endings = runFleet(jobs, reeve(), fleet(3));
    expect(endings.map(({ preemptions }) => preemptions).sort()).toEqual([0, 0, 0, 1]);
  });
});

describe('the lower bound', () => {
  it('is what one slot can do best, where one is all there is and nothing waits', () => {
    expect(leastWeightedFlow(inOrder([job(0, 10)]), 1)).toBe(10);
    expect(leastWeightedFlow(inOrder([job(0, 10), job(0, 10)]), 1)).toBeCloseTo(30);
  });

  it('lies above no order', () => {
    const any = fc.array(
      fc.record({
        release: fc.integer({ min: 0, max: 50 }),
        durationMs: fc.integer({ min: 1, max: 40 }),
        weight: fc.constantFrom(1, 2, 4, 8),
      }),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(any, fc.integer({ min: 1, max: 5 }), (drawn, slots) => {
        const jobs = inOrder(
          drawn.map(({ release, durationMs, weight }) => job(release, durationMs, { weight })),
        );
        const bound = leastWeightedFlow(jobs, slots);
        for (const order of [fifo(), clairvoyant(), random(randomOf(1, 'policy'))]) {
          const flow = runFleet(jobs, order, fleet(slots)).reduce(
            (sum, { job: { weight, release }, ended }) => sum + weight * (ended - release),
            0,
          );
          expect(flow).toBeGreaterThanOrEqual(bound * (1 - 1e-9));
        }
      }),
    );
  });
});
