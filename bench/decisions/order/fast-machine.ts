import { Sorted } from '../sorted.js';
import type { Job } from './job.js';

/**
 * What no order can get the sum of the weighted flow times below, the greater of two: Σ w p, if nothing ever waited;
 * and Σ w (M + p/2 − r), where M is the mean time at which a job is worked on if one machine with the speed of all
 * slots does them, always the job with the most weight for its size (Goemans' relaxation: that makes Σ w M least, and
 * on slots of speed 1 a job ends p/2 after its M or later).
 */
export function leastWeightedFlow(jobs: readonly Job[], slots: number): number {
  return Math.max(
    jobs.reduce((sum, { weight, durationMs }) => sum + weight * durationMs, 0),
    ofFastMachine(jobs, slots),
  );
}

function ofFastMachine(jobs: readonly Job[], slots: number): number {
  const waiting = new Sorted<{ readonly job: Job; left: number }>(
    (a, b) => a.job.durationMs / a.job.weight - b.job.durationMs / b.job.weight,
  );
  let now = 0;
  let sum = 0;
  const workUntil = (end: number) => {
    for (let first = waiting.first(); first && now < end; first = waiting.first()) {
      const { job } = first;
      const ms = Math.min(first.left / slots, end - now);
      const part = (ms * slots) / job.durationMs;
      sum += job.weight * part * (now + ms / 2);
      now += ms;
      first.left -= ms * slots;
      if (first.left <= job.durationMs * 1e-12) waiting.take();
    }
    now = Math.max(now, end);
  };
  for (const job of jobs) {
    workUntil(job.release);
    waiting.add({ job, left: job.durationMs });
    sum += job.weight * (job.durationMs / 2 - job.release);
  }
  workUntil(Number.POSITIVE_INFINITY);
  return sum;
}
