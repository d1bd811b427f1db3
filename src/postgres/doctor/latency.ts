import { ask, type PostgresCheck } from './visit.js';

const QUESTIONS = 9;
/** From where on it is felt, and from where on it is bad; ms. */
const FELT_MS = 5;
const BAD_MS = 25;

/** How long the shortest statement takes. */
export const LATENCY: PostgresCheck = {
  name: 'latency',
  async look(visit) {
    const { clock } = visit;
    const times: number[] = [];
    for (let i = 0; i < QUESTIONS; i++) {
      const from = clock.monotonic();
      await ask(visit, 'nothing', 'SELECT 1');
      times.push(clock.monotonic() - from);
    }
    const median = times.sort((a, b) => a - b)[Math.floor(QUESTIONS / 2)] ?? 0;
    const what = `answers in ${median.toFixed(1)} ms (median of ${QUESTIONS})`;
    if (median < FELT_MS) return [{ level: 'ok', what }];
    return [
      {
        level: median < BAD_MS ? 'note' : 'warning',
        what,
        why: 'Each submit and each result waits for at least one round trip before it is acknowledged.',
        fix: 'Run coordinators in the same network zone as Postgres, and look at its load.',
      },
    ];
  },
};
