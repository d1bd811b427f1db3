import { ask, type PostgresVisit } from './visit.js';

const QUESTIONS = 3;

/** How far Postgres's clock is ahead of this machine's, in ms, by the answer that came soonest. */
export async function postgresClockOffset(visit: Pick<PostgresVisit, 'db' | 'clock'>): Promise<number> {
  let best = { took: Number.POSITIVE_INFINITY, offset: 0 };
  for (let i = 0; i < QUESTIONS; i++) {
    const from = visit.clock.now();
    const [row] = await ask<{ now: number }>(
      visit,
      'clock',
      'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now',
    );
    const took = visit.clock.now() - from;
    if (row && took < best.took) best = { took, offset: row.now - (from + took / 2) };
  }
  return best.offset;
}
