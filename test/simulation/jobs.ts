import { TIERS } from '../../src/domain/tasks/tier.js';
import type { Chance } from './chance.js';
import type { Job, Wish } from './client.js';

/** What agents can do; `nobody` none of them. */
export const KINDS = ['a', 'b', 'c'] as const;

const PLAIN = {
  maxAttempts: 3,
  runInMs: null,
  attemptTimeoutMs: null,
  human: false,
  tier: 'NORMAL',
  deadlineMs: null,
  routing: null,
  next: null,
} as const;

export function chooseJobs(chance: Chance, count: number): Job[] {
  return Array.from({ length: count }, (_, i): Job => {
    const kind = chance.happens(0.05) ? 'nobody' : (chance.pick(KINDS) ?? 'a');
    const verb = chance.weighted({ none: 40, cancel: 14, retry: 32, reuse: 6, update: 14, preempt: 14 });
    const afterMs = Math.floor(chance.random() ** 2 * 15_000);
    const next = kind === 'nobody' ? 'cancel' : verb;
    return {
      requestId: `request-${i}`,
      kind,
      maxAttempts: chance.between(1, 4),
      runInMs: chance.happens(0.15) ? chance.between(0, 20_000) : null,
      attemptTimeoutMs: chance.happens(0.2) ? chance.between(500, 20_000) : null,
      human: chance.happens(0.2),
      tier: chance.pick(TIERS) ?? 'NORMAL',
      deadlineMs: chance.happens(0.15) ? chance.between(0, 25_000) : null,
      // What nobody can do must not come back with what it was skipped for: its cancellation is over by then.
      dependencies: kind !== 'nobody' && chance.happens(0.5) ? chooseDependencies(chance) : [],
      routing: chance.happens(0.2) ? chooseRouting(chance) : null,
      next: next === 'none' ? null : { verb: next, afterMs },
    };
  });
}

/** An agent that may be there or not, and able or not; or a plan, for which there is no policy. */
function chooseRouting(chance: Chance): Job['routing'] {
  if (chance.happens(0.3)) return { strategy: 'PLAN_RETRIEVE' };
  return { strategy: 'STATIC', staticSubjectId: `agent-${chance.between(1, 5)}` };
}

/** Mostly of the newest, so that there are chains. */
function chooseDependencies(chance: Chance): Wish[] {
  return Array.from({ length: chance.between(1, 3) }, (): Wish => {
    const runAnyway = chance.happens(0.3);
    return { which: chance.happens(0.01) ? null : 1 - chance.random() ** 3, runAnyway };
  });
}

/** One of each kind, for when the faults are over: they must succeed, or something was left broken. */
export function probes(after: number): Job[] {
  return KINDS.map((kind, i) => ({
    ...PLAIN,
    requestId: `request-${after + i}`,
    kind,
    maxAttempts: 5,
    // What they wait for ends, somehow.
    dependencies: [0, 0.5, 0.99].map((which) => ({ which, runAnyway: true })),
    endsAs: 'SUCCEEDED',
  }));
}
