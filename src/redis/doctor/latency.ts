import type { Finding } from '../../ports/check.js';
import type { RedisCheck, RedisNode } from './visit.js';

const QUESTIONS = 9;
/** From where on it is felt, and from where on it is bad; ms. */
const FELT_MS = 3;
const BAD_MS = 20;

/** How long the shortest command takes. */
export const LATENCY: RedisCheck = {
  name: 'latency',
  async look({ primaries, clock }) {
    const found: Finding[] = [];
    for (const node of primaries) found.push(await latencyOf(node, clock));
    return found;
  },
};

async function latencyOf(node: RedisNode, clock: { monotonic(): number }): Promise<Finding> {
  const times: number[] = [];
  for (let i = 0; i < QUESTIONS; i++) {
    const from = clock.monotonic();
    // A PING is refused by one that cannot save.
    await node.call('ECHO', '');
    times.push(clock.monotonic() - from);
  }
  const median = times.sort((a, b) => a - b)[Math.floor(QUESTIONS / 2)] ?? 0;
  const what = `${node.place} answers in ${median.toFixed(1)} ms (median of ${QUESTIONS})`;
  if (median < FELT_MS) return { level: 'ok', what };
  return {
    level: median < BAD_MS ? 'note' : 'warning',
    what,
    why: 'Each dispatch takes a few round trips one after the other.',
    fix: 'Run coordinators in the same network zone as Redis; SLOWLOG GET shows what keeps it busy.',
  };
}
