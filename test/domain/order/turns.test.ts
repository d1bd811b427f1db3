import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byTurn, servedAfter, servedOnReturn, TURN_BOUND_MS } from '../../../src/domain/order/turns.js';

const NOW = 1e12;

describe('turns of fairness keys', () => {
  it('go to the one that was served least, and of equal ones to the lowest score', () => {
    const [a, b] = [
      { served: 10, score: 5 },
      { served: 20, score: 1 },
    ];
    expect(byTurn({ ...a, score: NOW }, { ...b, score: NOW }, NOW)).toBeLessThan(0);
    expect(byTurn({ served: 7, score: NOW }, { served: 7, score: NOW - 1 }, NOW)).toBeGreaterThan(0);
  });

  it('go to whoever has waited past the bound, longest first, however much it was served', () => {
    const late = { served: 1e9, score: NOW - TURN_BOUND_MS - 1 };
    const later = { served: 2e9, score: late.score - 1 };
    expect(byTurn(late, { served: 0, score: NOW }, NOW)).toBeLessThan(0);
    expect(byTurn(later, late, NOW)).toBeLessThan(0);
  });

  it('are an order', () => {
    const turn = fc.record({
      served: fc.integer({ min: 0, max: 5 }),
      score: fc.integer({ min: -3, max: 3 }).map((days) => NOW + days * 36 * 3_600_000),
    });
    fc.assert(
      fc.property(turn, turn, turn, (a, b, c) => {
        expect(Math.sign(byTurn(a, b, NOW))).toBe(-Math.sign(byTurn(b, a, NOW)) + 0);
        if (byTurn(a, b, NOW) <= 0 && byTurn(b, c, NOW) <= 0)
          expect(byTurn(a, c, NOW)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it('begin with the least of those that wait for one that comes back or is new', () => {
    expect(servedOnReturn(3, 10)).toBe(10);
    expect(servedOnReturn(30, 10)).toBe(30);
    expect(servedOnReturn(undefined, 10)).toBe(10);
    expect(servedOnReturn(undefined, undefined)).toBe(0);
  });

  it('count less for keys that weigh more, and never below nothing', () => {
    expect(servedAfter(100, 60, 2)).toBe(130);
    expect(servedAfter(100, -400, 2)).toBe(0);
  });
});
