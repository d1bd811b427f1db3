import { describe, expect, it, test } from 'vitest';
import type { ReadyTask } from '../../src/ports/ready-index.js';
import type { RedisClient } from '../../src/redis/client.js';
import { atMost, type Keys, keyed, openLimited } from '../conformance/ready-index-limits-world.js';
import { claims, confirmed, connectAgent, task } from '../conformance/ready-index-world.js';
import { openRedisIndex } from '../support/servers/redis-index.js';
import { useRedis } from '../support/servers/shared-redis.js';

const redis = useRedis();

const NOW = 1_700_000_000_000;
const FEW = 100;
const MANY = 100_000;
const PART = 10_000;

/** What Redis has done so far: commands, those of scripts among them. */
async function commandsSoFar(client: RedisClient): Promise<number> {
  const text = String(await client.call('INFO', 'commandstats'));
  let sum = 0;
  for (const [, name, calls] of text.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)) {
    if (name !== 'info') sum += Number(calls);
  }
  return sum;
}

/** How often Redis was asked for each command, in scripts too. */
async function callsOf(commands: readonly string[]): Promise<number> {
  const text = String(await redis.client.call('INFO', 'commandstats'));
  const calls = [...text.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)];
  return calls.reduce((sum, [, name = '', n]) => sum + (commands.includes(name) ? Number(n) : 0), 0);
}

it('where nothing is limited and no task names keys nothing is asked of limits and turns', async () => {
  const { index } = openRedisIndex(redis.client);
  await connectAgent(index, 'x', 10);
  const ofLimits = ['sismember', 'spop', 'hvals', 'sunionstore', 'zscore'];
  const flow = async (tasks: readonly ReadyTask[]) => {
    await index.add(tasks);
    const reserved = await index.reserve(100);
    await index.confirm(confirmed(reserved));
    await index.freeSlots(claims(reserved));
    await index.stats();
  };
  const before = await callsOf(ofLimits);
  await flow([task('t1'), task('t2')]);
  expect(await callsOf(ofLimits)).toBe(before);
  await flow([keyed('t3', { fairness: 'a' })]);
  expect(await callsOf(ofLimits)).toBeGreaterThan(before);
});

describe('what a full limit costs in the index in Redis', () => {
  /** Commands for each of ten tasks that take the place of one that has ended, at most; and bytes of the largest answer. */
  async function mostCommands(waiting: number, keysOf: (i: number) => Keys) {
    let largest = 0;
    const watching: RedisClient = {
      ...redis.client,
      async run(...args) {
        const answer = await redis.client.run(...args);
        largest = Math.max(largest, String(answer).length);
        return answer;
      },
    };
    const { index, start, end, advance } = await openLimited((set) => openRedisIndex(watching, set), {
      keys: { api: atMost(1) },
    });
    await connectAgent(index, 'x', waiting + 10);
    const tasks = Array.from({ length: waiting }, (_, i) => keyed(`t${i}`, keysOf(i), { score: NOW + i }));
    // Some come while there is room: of those that are put aside later a step takes some; a look without that costs little.
    await index.add(tasks.slice(0, FEW / 2), 'LOADED');
    let [running = ''] = await start();
    for (let at = FEW / 2; at < waiting; at += PART) await index.add(tasks.slice(at, at + PART), 'LOADED');
    for (let before = 0, after = Number.POSITIVE_INFINITY; after - before > 100; ) {
      before = await commandsSoFar(redis.client);
      await index.stats();
      after = await commandsSoFar(redis.client);
      expect(after - before).toBeLessThan(20_000);
    }
    let most = 0;
    largest = 0;
    for (let n = 0; n < 10; n += 1) {
      const before = await commandsSoFar(redis.client);
      advance(1_000);
      await end(running);
      const started = await start();
      most = Math.max(most, (await commandsSoFar(redis.client)) - before);
      expect(started).toHaveLength(1);
      [running = ''] = started;
    }
    return { most, largest };
  }

  test.each<[string, (i: number) => Keys]>([
    ['with one key', () => ({ limits: ['api'] })],
    ['with a fairness key each', (i) => ({ limits: ['api'], fairness: `f${i}` })],
    ['with a limit of its own each, beside', (i) => ({ limits: ['api', `customer/${i}`] })],
  ])(
    'of 100,000 that wait for one full key, %s, the next costs as many commands as of 100',
    async (_, keysOf) => {
      const few = await mostCommands(FEW, keysOf);
      const many = await mostCommands(MANY, keysOf);
      expect(few.most).toBeGreaterThan(20);
      expect(many.most).toBeLessThanOrEqual(1.5 * few.most);
      expect(many.largest).toBeLessThanOrEqual(2 * few.largest);
    },
    120_000,
  );
});
