import type { Job } from './history-client.js';

/** A mix of all that can happen to a task; about 160 at scale 1. */
const MIX: readonly (Omit<Job, 'requestId'> & { readonly count: number })[] = [
  { kind: 'wire.quick', count: 70, endsAs: 'SUCCEEDED' },
  { kind: 'wire.quick', count: 4, endsAs: 'SUCCEEDED', next: 'reuse' },
  { kind: 'sdk.quick', count: 24, endsAs: 'SUCCEEDED' },
  { kind: 'wire.slow', count: 8, endsAs: 'SUCCEEDED' },
  { kind: 'wire.flaky', count: 8, endsAs: 'SUCCEEDED' },
  { kind: 'wire.hopeless', count: 4, endsAs: 'SUCCEEDED', next: 'retry' },
  { kind: 'wire.hang-once', count: 6, endsAs: 'SUCCEEDED' },
  { kind: 'wire.hang', count: 3, endsAs: 'DEAD_LETTER', maxAttempts: 2 },
  { kind: 'wire.ignore-once', count: 4, endsAs: 'SUCCEEDED' },
  { kind: 'wire.decline-once', count: 4, endsAs: 'SUCCEEDED' },
  { kind: 'wire.nobody', count: 8, endsAs: 'CANCELLED', next: 'cancel' },
  { kind: 'wire.slow', count: 6, next: 'cancel' },
  { kind: 'wire.stuck', count: 6, endsAs: 'CANCELLED', next: 'cancel-running' },
  { kind: 'sdk.stuck', count: 4, endsAs: 'CANCELLED', next: 'cancel-running' },
];

/**
 * The mix in an order that the seed decides.
 *
 * @param prefix of the request ids, unique in a data folder
 */
export function mixedJobs(prefix: string, seed: number, scale = 1): Job[] {
  const jobs = MIX.flatMap(({ count, ...job }) =>
    Array.from({ length: Math.max(1, Math.round(count * scale)) }, () => job),
  );
  const random = seededRandom(seed);
  return jobs
    .map((job) => ({ job, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ job }, i) => ({ ...job, requestId: `${prefix}-${i}` }));
}

/** So many quick tasks. @param prefix of the request ids, unique in a data folder */
export function quickJobs(prefix: string, count: number): Job[] {
  return Array.from({ length: count }, (_, i) => ({
    requestId: `${prefix}-${i}`,
    kind: 'wire.quick',
    endsAs: 'SUCCEEDED',
  }));
}

/** Numbers from 0 to 1 that only depend on the seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
