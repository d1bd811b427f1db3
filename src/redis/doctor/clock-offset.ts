import type { RedisVisit } from './visit.js';

const QUESTIONS = 3;

/** How far each primary's clock is ahead of this machine's, in ms, by the answer that came soonest. */
export async function redisClockOffsets({
  primaries,
  clock,
}: Pick<RedisVisit, 'primaries' | 'clock'>): Promise<
  readonly { readonly place: string; readonly offset: number }[]
> {
  return Promise.all(
    primaries.map(async (node) => {
      let best = { took: Number.POSITIVE_INFINITY, offset: 0 };
      for (let i = 0; i < QUESTIONS; i++) {
        const from = clock.now();
        const [seconds, micros] = (await node.call('TIME')) as [string, string];
        const took = clock.now() - from;
        const offset = Number(seconds) * 1_000 + Number(micros) / 1_000 - (from + took / 2);
        if (took < best.took) best = { took, offset };
      }
      return { place: node.place, offset: best.offset };
    }),
  );
}
