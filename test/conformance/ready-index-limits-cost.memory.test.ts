import { afterEach, describe, expect, test, vi } from 'vitest';
import { STRATEGIES } from '../../src/domain/selection/strategies.js';
import { Heap } from '../../src/matching/heap.js';
import { KeyUse } from '../../src/memory/limits/key-use.js';
import { MemoryIndex } from '../../src/memory/ready-index.js';
import { FakeClock } from '../support/fake-clock.js';
import { seededRandom } from '../support/seeded-random.js';
import { atMost, type Keys, keyed, openLimited } from './ready-index-limits-world.js';
import type { StrategyUnderTest } from './ready-index-strategies.js';
import { connectAgent } from './ready-index-world.js';

const NOW = 1_700_000_000_000;
const FEW = 100;
const MANY = 100_000;

function open(set: StrategyUnderTest = {}) {
  const clock = new FakeClock();
  const quiet = () => undefined;
  const index = new MemoryIndex({
    clock,
    log: { debug: quiet, info: quiet, error: quiet, warn: quiet },
    random: seededRandom(1),
    strategyOf: () => STRATEGIES.LEAST_CONNECTIONS,
    ...(set.orderTerms && { orderTerms: set.orderTerms }),
    minHealth: 0.5,
    reportsLastMs: 45_000,
  });
  return { index, advance: (ms: number) => clock.advance(ms) };
}

/** Steps of heaps, each O(log n), and looks at limits. */
function countSteps(): () => number {
  const spies = (['peek', 'push', 'remove', 'update'] as const).map((name) => vi.spyOn(Heap.prototype, name));
  const all = [...spies, vi.spyOn(KeyUse.prototype, 'room')];
  return () => all.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
}

describe('what a full limit costs in the index in memory', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** Of each of ten tasks that take the place of one that has ended, at most. */
  async function mostSteps(waiting: number, keysOf: (i: number) => Keys): Promise<number> {
    const { index, start, end, advance } = await openLimited(open, { keys: { api: atMost(1) } });
    await connectAgent(index, 'x', waiting + 10);
    const score = (i: number) => NOW + i;
    const tasks = Array.from({ length: waiting }, (_, i) => keyed(`t${i}`, keysOf(i), { score: score(i) }));
    await index.add(tasks);
    let [running = ''] = await start();
    let most = 0;
    for (let n = 0; n < 10; n += 1) {
      const steps = countSteps();
      advance(1_000);
      await end(running);
      const started = await start();
      most = Math.max(most, steps());
      vi.restoreAllMocks();
      expect(started).toHaveLength(1);
      [running = ''] = started;
    }
    return most;
  }

  test.each<[string, (i: number) => Keys]>([
    ['with one key', () => ({ limits: ['api'] })],
    ['with a fairness key each', (i) => ({ limits: ['api'], fairness: `f${i}` })],
    ['with a limit of its own each, beside', (i) => ({ limits: ['api', `customer/${i}`] })],
  ])(
    'of 100,000 that wait for one full key, %s, the next costs what it costs of 100',
    async (_, keysOf) => {
      const few = await mostSteps(FEW, keysOf);
      expect(few).toBeGreaterThan(5);
      // A thousand times as many, and no more than the logarithm: 2.5 times.
      expect(await mostSteps(MANY, keysOf)).toBeLessThanOrEqual(2.5 * few);
    },
    60_000,
  );

  test('a task behind them goes at once, without a look at them', async () => {
    const { index, start } = await openLimited(open, { keys: { api: atMost(1) } });
    await connectAgent(index, 'x', MANY);
    await index.add(
      Array.from({ length: MANY }, (_, i) =>
        keyed(`t${i}`, { limits: ['api'], fairness: `f${i}` }, { score: i }),
      ),
    );
    await start();
    const steps = countSteps();
    await index.add([keyed('free', { fairness: 'z' }, { score: NOW })]);
    expect(await start()).toEqual(['free']);
    expect(steps()).toBeLessThan(100);
  }, 60_000);
});
