import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandInTurn, charged, NO_SHARE, owed, type Share } from '../../../src/domain/order/share.js';

const HOUR = 3_600_000;

/** Gives out slots for as long as they take, the band in turn each time. */
function giveOut(times: number, ms: Readonly<Record<'HUMAN' | 'OTHER', number>>, restShare: number): Share {
  let share = NO_SHARE;
  for (let n = 0; n < times; n += 1) {
    const band = bandInTurn(share, restShare);
    share = charged(share, band, ms[band]);
  }
  return share;
}

describe('the share of the rest', () => {
  it('is of time: with tasks thirteen times as long it gets so many fewer', () => {
    const { human, rest } = giveOut(20_000, { HUMAN: 45_000, OTHER: 600_000 }, 0.05);
    expect(rest / (human + rest)).toBeCloseTo(0.05, 2);
  });

  it('is nothing where none is set, and people go first', () => {
    expect(bandInTurn(NO_SHARE, 0)).toBe('HUMAN');
    expect(bandInTurn({ human: HOUR, rest: 0 }, 0)).toBe('HUMAN');
    expect(bandInTurn(NO_SHARE, 0.05)).toBe('HUMAN');
  });

  it('is owed what it lacks', () => {
    expect(owed({ human: 90, rest: 10 }, 0.25)).toBe(15);
    expect(owed({ human: 50, rest: 50 }, 0.25)).toBe(-25);
    expect(bandInTurn({ human: 90, rest: 10 }, 0.25)).toBe('OTHER');
  });

  it('is corrected by what was wrong in an estimate, but never below nothing', () => {
    expect(charged({ human: 100, rest: 50 }, 'OTHER', -20)).toEqual({ human: 100, rest: 30 });
    expect(charged({ human: 100, rest: 50 }, 'HUMAN', -200)).toEqual({ human: 0, rest: 50 });
  });

  it('forgets how long ago it was, and keeps the proportion', () => {
    const share = charged({ human: 90 * HOUR, rest: 5 * HOUR }, 'HUMAN', 10 * HOUR);
    expect(share).toEqual({ human: 50 * HOUR, rest: 2.5 * HOUR });
  });

  it('stays bounded and is kept whatever tasks take', () => {
    const ms = fc.integer({ min: 1, max: HOUR });
    fc.assert(
      fc.property(
        fc.record({ HUMAN: ms, OTHER: ms }),
        fc.double({ min: 0.01, max: 0.5, noNaN: true }),
        (each, restShare) => {
          const { human, rest } = giveOut(3_000, each, restShare);
          expect(human + rest).toBeLessThan(102 * HOUR);
          // One task of either is what it may be off by.
          expect(Math.abs(rest - restShare * (human + rest))).toBeLessThanOrEqual(
            Math.max(each.HUMAN, each.OTHER),
          );
        },
      ),
      { numRuns: 50 },
    );
  });
});
