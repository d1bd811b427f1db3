import type { Job } from './job.js';
import type { Order } from './order.js';

/** Each key that waits in turn, one task each: however long it takes. */
export function byTurns(): Order {
  const keys = new Map<string | null, Job[]>();
  return {
    add(job) {
      const waiting = keys.get(job.fairnessKey);
      if (waiting) waiting.push(job);
      else keys.set(job.fairnessKey, [job]);
    },
    next() {
      for (const [key, waiting] of keys) {
        const job = waiting.shift();
        // Behind the others, in the order of a Map.
        keys.delete(key);
        if (waiting.length > 0) keys.set(key, waiting);
        if (job) return job;
      }
      return null;
    },
    ended() {},
    victim: () => null,
  };
}
