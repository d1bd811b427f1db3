import { expect, test } from 'vitest';
import {
  countsAs,
  measure,
  NO_TALLY,
  type Tally,
  UNMEASURED,
  withFailure,
  withoutFailures,
  withSuccess,
} from '../../src/domain/agents/track-record.js';
import type { TaskResult } from '../../src/domain/tasks/task.js';

const MINUTE = 60_000;

function tally(successes: number, failures: number, durationMs = 100, now = 1): Tally {
  let t = NO_TALLY;
  for (let i = 0; i < successes; i += 1) t = withSuccess(t, durationMs, now);
  for (let i = 0; i < failures; i += 1) t = withFailure(t, now);
  return t;
}

function together(...all: readonly Tally[]): Tally {
  const sum = (of: (t: Tally) => number) => all.reduce((n, t) => n + of(t), 0);
  const logMs = sum((t) => t.logMs);
  const [ms, msSquared] = [sum((t) => t.ms), sum((t) => t.msSquared)];
  const [attempts, successes] = [sum((t) => t.attempts), sum((t) => t.successes)];
  return { attempts, successes, logMs, ms, msSquared, at: 1 };
}

test('nobody is better or worse before anything was measured', () => {
  expect(measure(NO_TALLY, NO_TALLY)).toEqual(UNMEASURED);
});

test('eight attempts of its own weigh as much as what all agents do', () => {
  const all = together(tally(0, 8), tally(1_000, 0));
  const { successRate } = measure(tally(0, 8), all);
  expect(successRate).toBeCloseTo(0.5, 1);
  expect(measure(NO_TALLY, all).successRate).toBeGreaterThan(0.98);
});

test('an agent that takes half as long is twice as fast, once enough was seen of it', () => {
  const [fast, slow] = [tally(500, 0, 100), tally(500, 0, 200)];
  const all = together(fast, slow);
  expect(measure(fast, all).speed / measure(slow, all).speed).toBeCloseTo(2, 1);
  const [one, other] = [tally(1, 0, 100), tally(1, 0, 200)];
  expect(measure(one, together(one, other)).speed).toBeLessThan(1.1);
});

test('half is forgotten after two hours', () => {
  const later = withSuccess(tally(0, 8), 100, 1 + 120 * MINUTE);
  expect(later.attempts).toBeCloseTo(5, 5);
  expect(later.successes).toBe(1);
});

test('a failure that was the task’s is taken back', () => {
  expect(withoutFailures(tally(2, 3), 3)).toEqual(tally(2, 0));
  expect(withoutFailures(tally(2, 1), 3).attempts).toBe(2);
});

test.each<[string, Partial<TaskResult>, ReturnType<typeof countsAs>]>([
  ['a success', { outcome: 'SUCCEEDED', error: null }, 'SUCCEEDED'],
  ['a failure without a reason', { error: null }, 'FAILED'],
  ['a failure that may be retried', {}, 'FAILED'],
  ['one that may not', { error: { kind: 'X', message: '', retryable: false, detail: null } }, null],
  [
    'a validation error',
    { error: { kind: 'ValidationError', message: '', retryable: true, detail: null } },
    null,
  ],
  [
    'a payload error',
    { error: { kind: 'PAYLOAD_TOO_LARGE', message: '', retryable: true, detail: null } },
    null,
  ],
  ['a cancelled attempt', { outcome: 'CANCELLED' }, null],
])('%s counts as it should', (_, over, expected) => {
  const error = { kind: 'Timeout', message: '', retryable: true, detail: null };
  expect(countsAs({ outcome: 'FAILED', output: null, summary: '', error, ...over })).toBe(expected);
});
