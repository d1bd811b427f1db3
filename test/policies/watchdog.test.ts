import { describe, expect, it } from 'vitest';
import { IDLE, markOf } from '../../src/policies/cel/progress.js';
import { STRIKES, Strikes, SUSPENDED_MS } from '../../src/policies/cel/strikes.js';
import type { Thread } from '../../src/policies/cel/thread.js';
import { COMPILE_MS, type Runaway, watch } from '../../src/policies/cel/watchdog.js';
import { FakeClock } from '../support/fake-clock.js';

/** A thread that is at an item for ever, with as much processor time as the machine gives it. */
function setup({ share = 1, tellsTime = true } = {}) {
  const clock = new FakeClock();
  const progress = new Int32Array(1);
  const begin = clock.monotonic();
  const thread: Thread = {
    progress,
    send() {},
    cpuMs: () => (tellsTime ? (clock.monotonic() - begin) * share : null),
    end() {},
  };
  const found: Runaway[] = [];
  const stop = watch(
    clock,
    thread,
    () => 50,
    (runaway) => found.push(runaway),
  );
  const at = (item: number, compiling = false) => {
    progress[0] = markOf(item, compiling);
  };
  const pass = (ms: number) => clock.advance(ms);
  return { progress, found, stop, at, pass };
}

describe('the watchdog of the thread', () => {
  it('tells of the item that runs over its deadline, once', () => {
    const { found, at, pass } = setup();
    at(3);
    pass(50);
    expect(found).toEqual([]);
    pass(100);
    expect(found).toEqual([{ item: 3, message: 'it ran for more than 50 ms', tookMs: expect.any(Number) }]);
  });

  it('says nothing while items go by', () => {
    const { found, at, pass } = setup();
    for (let item = 0; item < 20; item++) {
      at(item);
      pass(40);
    }
    expect(found).toEqual([]);
  });

  it('does not blame an item for a machine that is busy with other things', () => {
    const { found, at, pass } = setup({ share: 0.1 });
    at(0);
    pass(400);
    expect(found).toEqual([]);
    pass(200);
    expect(found).toHaveLength(1);
  });

  it('is not patient for ever', () => {
    const { found, at, pass } = setup({ share: 0 });
    at(0);
    pass(1_900);
    expect(found).toEqual([]);
    pass(200);
    expect(found).toHaveLength(1);
  });

  it('goes by the time that passes where the system tells no other', () => {
    const { found, at, pass } = setup({ tellsTime: false });
    at(0);
    pass(80);
    expect(found).toHaveLength(1);
  });

  it('gives compiling more time', () => {
    const { found, at, pass } = setup();
    at(0, true);
    pass(COMPILE_MS - 50);
    expect(found).toEqual([]);
    pass(150);
    expect(found).toEqual([
      { item: 0, message: 'it ran for more than 1000 ms while it was compiled', tookMs: expect.any(Number) },
    ]);
  });

  it('tells of a thread that never begins', () => {
    const { progress, found, pass } = setup();
    progress[0] = IDLE;
    pass(11_000);
    expect(found).toEqual([{ item: -1, message: 'the thread does not answer', tookMs: expect.any(Number) }]);
  });

  it('looks no more when it is told to stop', () => {
    const { found, at, pass, stop } = setup();
    at(0);
    pass(30);
    stop();
    pass(1_000);
    expect(found).toEqual([]);
  });
});

describe('an expression that ran away', () => {
  it('is suspended after its last strike, for a while, and nobody else is', () => {
    const clock = new FakeClock();
    const strikes = new Strikes(clock);
    for (let n = 1; n < STRIKES; n++) strikes.add('a');
    expect(strikes.suspendedMs('a')).toBe(0);
    strikes.add('a');
    expect(strikes.suspendedMs('a')).toBe(SUSPENDED_MS);
    expect(strikes.suspendedMs('b')).toBe(0);
    clock.advance(SUSPENDED_MS);
    expect(strikes.suspendedMs('a')).toBe(0);
  });

  it('now and then is not', () => {
    const clock = new FakeClock();
    const strikes = new Strikes(clock);
    for (let n = 0; n < 10; n++) {
      strikes.add('a');
      clock.advance(40_000);
      strikes.add('a');
      expect(strikes.suspendedMs('a')).toBe(0);
      clock.advance(40_000);
    }
  });
});
