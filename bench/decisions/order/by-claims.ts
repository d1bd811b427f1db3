import { strict } from './by-number.js';
import type { Order } from './order.js';

/** People first, but of so many slots that are given out one goes to the rest: however long each is taken. */
export function byClaims(share: number): Order {
  const human = strict();
  const rest = strict();
  const waiting = { HUMAN: 0, OTHER: 0 };
  let owed = 0;
  return {
    add(job, now) {
      waiting[job.band] += 1;
      (job.band === 'HUMAN' ? human : rest).add(job, now);
    },
    next(now) {
      const contended = waiting.HUMAN > 0 && waiting.OTHER > 0;
      if (contended) owed += share;
      const band = contended ? (owed >= 1 ? 'OTHER' : 'HUMAN') : waiting.HUMAN > 0 ? 'HUMAN' : 'OTHER';
      if (waiting[band] === 0) return null;
      if (contended && band === 'OTHER') owed -= 1;
      waiting[band] -= 1;
      return (band === 'HUMAN' ? human : rest).next(now);
    },
    ended() {},
    victim: () => null,
  };
}
