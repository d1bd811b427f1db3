import { expect, test } from 'vitest';
import type { LeaseHint } from '../../src/ports/ready-index.js';
import { LeaseHints } from '../../src/redis/lease-hints.js';
import { FakeClock } from '../support/fake-clock.js';

/** Hints that are kept, and what was written so far. */
function setup() {
  const clock = new FakeClock();
  const written: LeaseHint[] = [];
  const hints = new LeaseHints(clock, (some) => void written.push(...some));
  const hint = (taskId: string, epoch = 1, inMs = 5_000): LeaseHint => {
    return { org: 'o', taskId, epoch, due: clock.now() + inMs };
  };
  return { clock, written, hints, hint };
}

test('of a task that is done soon nothing is written, and nothing is to be dropped', () => {
  const { clock, written, hints, hint } = setup();
  const first = hint('t');
  expect(hints.keep([first])).toEqual([]);
  expect(hints.take([hint('t', 1, 15_000)], false)).toEqual([]);
  expect(hints.drop([first])).toEqual([]);
  clock.advance(60_000);
  expect(written).toEqual([]);
});

test('of one that takes longer the newest is written, in time', () => {
  const { clock, written, hints, hint } = setup();
  hints.keep([hint('a')]);
  clock.advance(300);
  hints.keep([hint('b')]);
  const newer = hint('a', 1, 15_000);
  hints.take([newer], false);
  clock.advance(300);
  expect(written).toEqual([newer]);
  clock.advance(300);
  expect(written.map(({ taskId }) => taskId)).toEqual(['a', 'b']);
  expect(hints.drop([newer])).toEqual([newer]);
});

test('what is due soon, or is of another epoch, is written at once', () => {
  const { hints, hint } = setup();
  const soon = hint('soon', 1, 200);
  expect(hints.keep([soon, hint('t', 2)])).toEqual([soon]);
  expect(hints.take([hint('t', 3)], false)).toHaveLength(1);
  expect(hints.take([hint('t', 2, 100)], false)).toHaveLength(1);
  expect(hints.drop([hint('t', 2)])).toHaveLength(1);
});

test('what the record tells of a lease does not replace what is kept', () => {
  const { clock, written, hints, hint } = setup();
  const kept = hint('t');
  hints.keep([kept]);
  expect(hints.take([hint('t', 1, 9_000)], true)).toEqual([]);
  clock.advance(1_000);
  expect(written).toEqual([kept]);
});

test('the end of an earlier claim leaves the hint of a later one; that of a later one takes both', () => {
  const { written, hints, hint } = setup();
  hints.keep([hint('t', 2)]);
  expect(hints.drop([hint('t', 1)])).toHaveLength(1);
  expect(hints.drop([hint('t', 3)])).toHaveLength(1);
  hints.flush();
  expect(written).toEqual([]);
});

test('all that is kept is written at a stop', () => {
  const { written, hints, hint } = setup();
  hints.keep([hint('a'), hint('b')]);
  hints.flush();
  expect(written.map(({ taskId }) => taskId)).toEqual(['a', 'b']);
});
