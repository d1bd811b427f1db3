import { describe, expect, it } from 'vitest';
import { Breaker, type Pass } from '../../src/policies/remote/breaker.js';
import { FakeClock } from '../support/fake-clock.js';

function setup() {
  const clock = new FakeClock();
  const changes: boolean[] = [];
  const breaker = new Breaker({ clock, onChange: (isOpen) => changes.push(isOpen) });
  const enter = (): Pass => {
    const pass = breaker.enter();
    if (pass === null) throw new Error('it is open');
    return pass;
  };
  const failTimes = (times: number) => {
    for (let i = 0; i < times; i++) breaker.failed(enter());
  };
  return { clock, changes, breaker, enter, failTimes };
}

describe('a breaker', () => {
  it('opens after five failures in a row, and says for how long', () => {
    const { breaker, failTimes, changes } = setup();
    failTimes(4);
    expect(breaker.waitMs()).toBe(0);
    failTimes(1);
    expect(breaker.waitMs()).toBe(1_000);
    expect(breaker.enter()).toBeNull();
    expect(changes).toEqual([true]);
  });

  it('counts failures in a row only', () => {
    const { breaker, failTimes, enter } = setup();
    failTimes(4);
    breaker.answered(enter());
    failTimes(4);
    expect(breaker.enter()).toBe('CALL');
  });

  it('lets one call find out, and closes when that is answered', () => {
    const { breaker, clock, failTimes, enter, changes } = setup();
    failTimes(5);
    clock.advance(1_000);
    expect(enter()).toBe('PROBE');
    expect(breaker.enter()).toBeNull();
    breaker.answered('PROBE');
    expect(breaker.enter()).toBe('CALL');
    expect(changes).toEqual([true, false]);
  });

  it('stays open twice as long after each probe that fails, thirty seconds at most', () => {
    const { breaker, clock, failTimes, enter } = setup();
    failTimes(5);
    const waits = [];
    for (let i = 0; i < 7; i++) {
      clock.advance(breaker.waitMs());
      breaker.failed(enter());
      waits.push(breaker.waitMs());
    }
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('is not moved by calls that began before it opened', () => {
    const { breaker, enter, failTimes } = setup();
    const [early, another] = [enter(), enter()];
    failTimes(5);
    breaker.answered(early);
    expect(breaker.enter()).toBeNull();
    breaker.failed(another);
    expect(breaker.waitMs()).toBe(1_000);
  });

  it('gives the probe to another when the first was not made', () => {
    const { breaker, clock, failTimes, enter } = setup();
    failTimes(5);
    clock.advance(1_000);
    breaker.abandoned(enter());
    expect(enter()).toBe('PROBE');
  });
});
