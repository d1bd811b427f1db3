import { expect, test } from 'vitest';
import { type Death, Restarts } from '../../examples/digest/restarts.js';

const KILLED: Death = { livedMs: 10, worked: false, signal: 'SIGKILL' };
const BROKE: Death = { livedMs: 10, worked: false, signal: null };

test('deaths in quick succession are waited after longer and longer, and a life of a while ends that', () => {
  const restarts = new Restarts();
  const waits = Array.from({ length: 10 }, () => restarts.waitAfter(KILLED));
  expect(waits).toEqual([0, 100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  expect(restarts.waitAfter({ ...KILLED, livedMs: 60_000 })).toBe(0);
});

test('what breaks again and again before it has worked is given up', () => {
  const restarts = new Restarts(3);
  expect([BROKE, BROKE, BROKE].map((death) => restarts.waitAfter(death))).toEqual([0, 100, null]);
});

test('what has worked, or is killed from outside, is never given up', () => {
  const restarts = new Restarts(2);
  const lives = [BROKE, { ...BROKE, worked: true }, BROKE, { ...BROKE, livedMs: 60_000 }, KILLED, KILLED];
  for (const death of lives) expect(restarts.waitAfter(death)).not.toBeNull();
  expect(restarts.waitAfter({ ...BROKE, signal: 'SIGSEGV' })).toBeNull();
});
