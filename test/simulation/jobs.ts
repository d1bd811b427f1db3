import type { Chance } from './chance.js';
import type { Job } from './client.js';

/** What agents can do; `nobody` none of them. */
export const KINDS = ['a', 'b', 'c'] as const;

const PLAIN = { maxAttempts: 3, runInMs: null, attemptTimeoutMs: null, human: false, next: null };

export function chooseJobs(chance: Chance, count: number): Job[] {
  return Array.from({ length: count }, (_, i): Job => {
    const kind = chance.happens(0.05) ? 'nobody' : (chance.pick(KINDS) ?? 'a');
    const verb = chance.weighted({ none: 60, cancel: 18, retry: 14, reuse: 8 });
    const afterMs = Math.floor(chance.random() ** 2 * 15_000);
    const next = kind === 'nobody' ? 'cancel' : verb;
    return {
      requestId: `request-${i}`,
      kind,
      maxAttempts: chance.between(1, 4),
      runInMs: chance.happens(0.15) ? chance.between(0, 20_000) : null,
      attemptTimeoutMs: chance.happens(0.2) ? chance.between(500, 20_000) : null,
      human: chance.happens(0.2),
      next: next === 'none' ? null : { verb: next, afterMs },
    };
  });
}

/** One of each kind, for when the faults are over: they must succeed, or something was left broken. */
export function probes(after: number): Job[] {
  return KINDS.map((kind, i) => ({
    ...PLAIN,
    requestId: `request-${after + i}`,
    kind,
    maxAttempts: 5,
    endsAs: 'SUCCEEDED',
  }));
}
