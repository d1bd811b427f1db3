import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Prospect, warmChoice } from '../../src/domain/selection/affinity.js';
import { firstOverMs, remainingMs } from '../../src/domain/selection/remaining-time.js';
import { WARM_FOR_MS, WarmAgents } from '../../src/domain/selection/warm-agents.js';

const COLD = 30_000;
const warm = (over: Partial<Prospect> = {}): Prospect => ({
  agentId: 'w',
  freeInMs: 0,
  takesMs: 60_000,
  isAwaited: false,
  ...over,
});
const other = { takesMs: 60_000 };

describe('a task of an affinity key', () => {
  test('goes to its warm agent, if that is free', () => {
    expect(warmChoice([warm()], other, COLD)).toEqual({ agentId: 'w', forMs: 0 });
    expect(warmChoice([warm()], null, COLD)).toEqual({ agentId: 'w', forMs: 0 });
  });

  test('goes to a warm agent that is slower by no more than the cold start', () => {
    expect(warmChoice([warm({ takesMs: 90_000 })], other, COLD)?.agentId).toBe('w');
    expect(warmChoice([warm({ takesMs: 90_001 })], other, COLD)).toBeNull();
  });

  test('waits for a warm agent that is busy, if that is expected to be free within the cold start', () => {
    expect(warmChoice([warm({ freeInMs: COLD })], other, COLD)).toEqual({ agentId: 'w', forMs: COLD });
    expect(warmChoice([warm({ freeInMs: COLD + 1 })], other, COLD)).toBeNull();
  });

  test('is held for its warm agent where nobody is free, however long that is expected to be busy', () => {
    const busy = warm({ freeInMs: 10 * COLD });
    expect(warmChoice([busy], null, COLD)).toEqual({ agentId: 'w', forMs: COLD });
    expect(warmChoice([busy], null, COLD, 7_000)).toEqual({ agentId: 'w', forMs: COLD + 7_000 });
    expect(warmChoice([busy], null, COLD, -7_000)).toEqual({ agentId: 'w', forMs: COLD });
    expect(warmChoice([warm({ freeInMs: 1 })], other, COLD, 7_000)?.forMs).toBe(COLD);
    expect(warmChoice([busy], null, 0)).toBeNull();
    expect(warmChoice([{ ...busy, isAwaited: true }], null, COLD)).toBeNull();
  });

  test('waits for none that another task waits for', () => {
    expect(warmChoice([warm({ freeInMs: 1, isAwaited: true })], other, COLD)).toBeNull();
    expect(warmChoice([warm({ isAwaited: true })], other, COLD)?.agentId).toBe('w');
  });

  test('waits for none where a cold start costs nothing', () => {
    expect(warmChoice([warm({ freeInMs: 1 })], other, 0)).toBeNull();
    expect(warmChoice([warm()], other, 0)?.agentId).toBe('w');
  });

  test('takes the one of several that ends it first, and the first of those that are alike', () => {
    const several = [warm({ agentId: 'a', freeInMs: 9_000 }), warm({ agentId: 'b' }), warm({ agentId: 'c' })];
    expect(warmChoice(several, other, COLD)?.agentId).toBe('b');
    expect(warmChoice([], other, COLD)).toBeNull();
  });

  test('never waits longer than the cold start, nor for what is expected to end later than elsewhere', () => {
    const ms = fc.integer({ min: 0, max: 200_000 });
    const any = fc.record({ agentId: fc.string(), freeInMs: ms, takesMs: ms, isAwaited: fc.boolean() });
    fc.assert(
      fc.property(fc.array(any), ms, ms, (all, takesMs, cold) => {
        const choice = warmChoice(all, { takesMs }, cold);
        if (!choice) return;
        expect(choice.forMs).toBeLessThanOrEqual(cold);
        const fits = all.some(
          (one) => one.agentId === choice.agentId && one.freeInMs + one.takesMs <= takesMs + cold,
        );
        expect(fits).toBe(true);
      }),
    );
  });
});

describe('what is left of a task', () => {
  test('is what it takes less what it took, if tasks like it are all alike', () => {
    expect(remainingMs({ expectedMs: 100, sinceMs: 30, spread: 0 })).toBe(70);
    expect(remainingMs({ expectedMs: 100, sinceMs: 300, spread: 0 })).toBe(0);
  });

  test('is as much as at the beginning, if they differ much', () => {
    expect(remainingMs({ expectedMs: 100, sinceMs: 300, spread: 1 })).toBe(100);
    expect(remainingMs({ expectedMs: 100, sinceMs: 300, spread: 7 })).toBe(100);
    expect(remainingMs({ expectedMs: 100, sinceMs: 80, spread: 0.5 })).toBe(50);
  });

  test('of several is less than of each', () => {
    const one = { expectedMs: 100, sinceMs: 0, spread: 1 };
    expect(firstOverMs([one])).toBe(100);
    expect(firstOverMs([one, one])).toBe(50);
    expect(firstOverMs([])).toBe(0);
  });
});

describe('warm agents', () => {
  test('are those that did a task of the key lately, the last first', () => {
    const agents = new WarmAgents();
    agents.used('k', 'a', 0);
    agents.used('k', 'b', 1);
    agents.used('k', 'a', 2);
    agents.used('other', 'c', 2);
    expect(agents.of('k', 3)).toEqual(['a', 'b']);
    expect(agents.of('k', 1 + WARM_FOR_MS)).toEqual(['a', 'b']);
    expect(agents.of('k', 2 + WARM_FOR_MS)).toEqual(['a']);
    expect(agents.of('k', 3 + WARM_FOR_MS)).toEqual([]);
    expect(agents.of('unknown', 3)).toEqual([]);
  });

  test('are four of a key at most, of ten thousand keys at most', () => {
    const agents = new WarmAgents();
    for (let n = 0; n < 6; n += 1) agents.used('k', `a${n}`, n);
    expect(agents.of('k', 6)).toEqual(['a5', 'a4', 'a3', 'a2']);
    for (let n = 0; n < 10_000; n += 1) agents.used(`key ${n}`, 'a', 6);
    expect(agents.size).toBe(10_000);
    expect(agents.of('k', 6)).toEqual([]);
  });

  test('that are gone are forgotten', () => {
    const agents = new WarmAgents();
    agents.used('k', 'a', 0);
    agents.used('k', 'b', 0);
    agents.used('only', 'a', 0);
    agents.forget('a');
    expect(agents.of('k', 0)).toEqual(['b']);
    expect(agents.size).toBe(1);
  });
});
