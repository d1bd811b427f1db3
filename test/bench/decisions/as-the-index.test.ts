import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inOrder, type Job } from '../../../bench/decisions/order/job.js';
import { reeve, SETTINGS } from '../../../bench/decisions/order/reeve.js';
import { STRATEGIES } from '../../../src/domain/selection/strategies.js';
import { scoreOf, TIER_AGING, TIERS } from '../../../src/domain/tasks/tier.js';
import { NO_ORDER_TERMS } from '../../../src/matching/order-terms.js';
import { MemoryIndex } from '../../../src/memory/ready-index.js';
import { agent, ORG, task } from '../../conformance/ready-index-world.js';
import { FakeClock } from '../../support/fake-clock.js';
import { seededRandom } from '../../support/seeded-random.js';

const HOUR = 3_600_000;
const MOST = 60;

const jobs = fc.array(
  fc.record({
    release: fc.integer({ min: 0, max: 30 }).map((hours) => hours * HOUR),
    band: fc.constantFrom('HUMAN' as const, 'OTHER' as const, 'OTHER' as const),
    tier: fc.constantFrom(...TIERS),
    kind: fc.constantFrom('read', 'write'),
    fairnessKey: fc.constantFrom(null, 'a', 'b'),
    // How many slots are free before the next one comes.
    free: fc.integer({ min: 0, max: 2 }),
  }),
  { maxLength: MOST },
);

async function openIndex(): Promise<MemoryIndex> {
  const quiet = () => undefined;
  const index = new MemoryIndex({
    ...{ clock: new FakeClock(), random: seededRandom(1), minHealth: 0.5, reportsLastMs: 45_000 },
    log: { debug: quiet, info: quiet, error: quiet, warn: quiet },
    strategyOf: () => STRATEGIES.LEAST_CONNECTIONS,
    orderTerms: { ...NO_ORDER_TERMS, restShareOf: () => 0.3 },
  });
  const spec = agent('a', { capabilities: ['read', 'write'] });
  await index.putInstance({ org: ORG, sessionId: 'a', spec, slots: MOST, held: [] });
  await index.grant('a', MOST);
  return index;
}

it('the order that is measured gives out tasks as the index does', async () => {
  await fc.assert(
    fc.asyncProperty(jobs, async (drawn) => {
      const index = await openIndex();
      // The index alone knows no durations, and nothing is kept for the rest.
      const order = reeve({ ...SETTINGS, restShare: 0.3, terms: { ...SETTINGS.terms, capMs: 0 } });
      const waiting = inOrder(
        drawn.map(({ free: _, ...job }) => ({
          ...{ ...job, durationMs: 1, weight: 1, preemptible: false },
        })),
      );
      const frees = [...drawn].sort((a, b) => a.release - b.release).map(({ free }) => free);
      const add = async (job: Job) => {
        const { taskId, band, tier, kind, release, fairnessKey } = job;
        order.add(job, release);
        const t = task(taskId, { band, tier, score: scoreOf(release, tier, TIER_AGING) }, [kind]);
        await index.add([
          {
            ...t,
            requirements: { ...t.requirements, keys: { limits: [], fairness: fairnessKey, affinity: null } },
          },
        ]);
      };
      const give = async (count: number, now: number) => {
        const ours = Array.from({ length: count }, () => order.next(now)?.taskId).filter(Boolean);
        expect((await index.reserve(count)).map(({ taskId }) => taskId)).toEqual(ours);
      };
      for (const [n, job] of waiting.entries()) {
        await add(job);
        await give(frees[n] ?? 0, job.release);
      }
      await give(MOST, 31 * HOUR);
    }),
    { numRuns: 100 },
  );
});
