import { expect, test } from 'vitest';
import { createClockWatch } from '../../src/maintenance/clock-watch.js';
import { FakeClock } from '../support/fake-clock.js';
import { SILENT } from '../support/pglite-record.js';

const SPANS = { leaseMs: 60_000, assignedMs: 15_000, cancelGraceMs: 5_000 };

/** A watch of a clock that answers in no time, unless `answerMs` says how long it takes. */
function setup() {
  const clock = new FakeClock();
  const state = { offsetMs: 0, answerMs: 0, begun: 0, away: false };
  const watch = createClockWatch({
    leaseClock: {
      async now() {
        const now = clock.now() + state.offsetMs;
        clock.advance(state.answerMs);
        return now;
      },
      async beginLeasesAnew() {
        if (state.away) throw new Error('away');
        state.begun += 1;
        return 1;
      },
    },
    clock,
    log: SILENT,
    spans: SPANS,
  });
  const looks = async (count: number) => {
    for (let i = 0; i < count; i++) {
      await watch.look();
      await watch.mend();
      clock.advance(1_000);
    }
  };
  return { clock, state, watch, looks };
}

test.each([7_200_000, -7_200_000, 5_001, -5_001])(
  'a jump by %i ms makes leases begin anew, once',
  async (ms) => {
    const { state, looks } = setup();
    await looks(3);
    state.offsetMs = ms;
    await looks(3);
    expect(state.begun).toBe(1);
    state.offsetMs = 0;
    await looks(3);
    expect(state.begun).toBe(2);
  },
);

test('less than five seconds, and a clock that runs a little slower, are left to the leases', async () => {
  const { state, looks } = setup();
  await looks(1);
  state.offsetMs = 4_900;
  await looks(1);
  for (let i = 0; i < 30; i++) {
    state.offsetMs -= 500;
    await looks(1);
  }
  expect(state.begun).toBe(0);
});

test('a slow answer is no jump, and hides none', async () => {
  const { state, looks } = setup();
  await looks(2);
  state.answerMs = 60_000;
  await looks(2);
  expect(state.begun).toBe(0);
  state.answerMs = 0;
  state.offsetMs = 20_000;
  await looks(1);
  expect(state.begun).toBe(1);
});

test('one that could not be mended is mended later, by who leads then, while its leases may still live', async () => {
  const { clock, state, watch, looks } = setup();
  await looks(1);
  state.offsetMs = 3_600_000;
  state.away = true;
  await watch.look();
  await expect(watch.mend()).rejects.toThrow('away');
  state.away = false;
  clock.advance(SPANS.leaseMs - 1);
  await watch.mend();
  await watch.mend();
  expect(state.begun).toBe(1);

  state.offsetMs = 7_200_000;
  await watch.look();
  clock.advance(SPANS.leaseMs);
  await watch.mend();
  expect(state.begun).toBe(1);
});

test('a jump back is mended however late: a lease that nobody renews would last as long as the clock went back', async () => {
  const { clock, state, watch, looks } = setup();
  state.offsetMs = 3_600_000;
  await looks(1);
  state.offsetMs = 0;
  await watch.look();
  clock.advance(10 * SPANS.leaseMs);
  await watch.mend();
  await watch.mend();
  expect(state.begun).toBe(1);
});
