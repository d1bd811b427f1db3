import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  afterFailure,
  afterReturn,
  DEFAULT_RETRY,
  maxDeliveries,
  type RetryPolicy,
} from '../../src/domain/tasks/retry.js';

const policy: fc.Arbitrary<RetryPolicy> = fc.record({
  maxAttempts: fc.integer({ min: 1, max: 100 }),
  initialBackoffMs: fc.integer({ min: 0, max: 86_400_000 }),
  maxBackoffMs: fc.integer({ min: 0, max: 604_800_000 }),
  backoffMultiplier: fc.double({ min: 0, max: 100, noNaN: true }),
});
const jitter = fc.double({ min: 0, max: 1, noNaN: true });

test('attempts are bounded: the last one leads to the dead letter', () => {
  fc.assert(
    fc.property(policy, jitter, (p, j) => {
      for (let attempt = 1; attempt <= p.maxAttempts; attempt += 1) {
        const expected = attempt < p.maxAttempts ? 'SCHEDULED' : 'DEAD_LETTER';
        expect(afterFailure(p, attempt, true, j).to).toBe(expected);
      }
    }),
  );
});

test('what is not retryable fails at once, whatever attempts are left', () => {
  fc.assert(
    fc.property(policy, jitter, fc.integer({ min: 1, max: 100 }), (p, j, attempt) => {
      expect(afterFailure(p, attempt, false, j)).toEqual({ to: 'FAILED', delayMs: 0 });
    }),
  );
});

test('a wait is never longer than the policy allows, and never negative', () => {
  fc.assert(
    fc.property(policy, jitter, fc.integer({ min: 1, max: 100 }), (p, j, attempt) => {
      const { delayMs } = afterFailure(p, attempt, true, j);
      expect(delayMs).toBeGreaterThanOrEqual(0);
      expect(delayMs).toBeLessThanOrEqual(p.maxBackoffMs);
    }),
  );
});

test('by default waits double from one second, less at most a fifth', () => {
  const p = { ...DEFAULT_RETRY, maxAttempts: 100 };
  expect([1, 2, 3, 4].map((a) => afterFailure(p, a, true, 0).delayMs)).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(afterFailure(p, 1, true, 1).delayMs).toBe(800);
  expect(afterFailure(p, 99, true, 0).delayMs).toBe(300_000);
});

test('waits that are given stand in place of the backoff, the last one for all after it', () => {
  const p = { ...DEFAULT_RETRY, maxAttempts: 100, delaysMs: [0, 60_000, 5_000] };
  const delays = [1, 2, 3, 4, 50].map((attempt) => afterFailure(p, attempt, true, 0.7).delayMs);
  expect(delays).toEqual([0, 60_000, 5_000, 5_000, 5_000]);
  expect(afterFailure({ ...p, delaysMs: [] }, 1, true, 0).delayMs).toBe(1_000);
  expect(afterFailure(p, 100, true, 0).to).toBe('DEAD_LETTER');
});

test('deliveries that never begin come to an end too', () => {
  expect(afterReturn(DEFAULT_RETRY, maxDeliveries(DEFAULT_RETRY) - 1)).toBe('QUEUED');
  expect(afterReturn(DEFAULT_RETRY, maxDeliveries(DEFAULT_RETRY))).toBe('DEAD_LETTER');
});
