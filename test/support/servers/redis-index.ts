import { STRATEGIES } from '../../../src/domain/selection/strategies.js';
import type { StrategyName } from '../../../src/domain/selection/strategy-name.js';
import type { Clock } from '../../../src/ports/clock.js';
import type { RedisClient } from '../../../src/redis/client.js';
import { RedisIndex } from '../../../src/redis/ready-index.js';
import type { StrategyUnderTest } from '../../conformance/ready-index-strategies.js';
import { FakeClock } from '../fake-clock.js';
import { SILENT } from '../pglite-record.js';
import { seededRandom } from '../seeded-random.js';

const COMMON = {
  ownTime: true,
  lingerMs: 0,
  log: SILENT,
  random: seededRandom(1),
  minHealth: 0.5,
  reportsLastMs: 45_000,
};

let opened = 0;

/** A view of a Redis in which nothing is there yet. */
export function freshView(client: RedisClient): RedisClient {
  opened += 1;
  const own = `t${opened}-`;
  return {
    ...client,
    run: (script, org, args) => client.run(script, own + org, args),
    keyOf: (org, name) => client.keyOf(own + org, name),
    sharedKey: (name) => client.sharedKey(own + name),
    channel: (name) => client.channel(own + name),
    publish: (channel, message) => client.publish(own + channel, message),
    subscribe: (channel, listener) => client.subscribe(own + channel, listener),
  };
}

export interface CoordinatorUnderTest extends Pick<StrategyUnderTest, 'orderTerms' | 'durations'> {
  readonly strategy?: StrategyName;
  readonly lingerMs?: number;
}

/** A coordinator's index on a view that others may share. */
export function redisIndexOn(
  client: RedisClient,
  clock: Clock,
  coordinatorId: string,
  { strategy = 'LEAST_CONNECTIONS', lingerMs = 0, ...set }: CoordinatorUnderTest = {},
): RedisIndex {
  const strategyOf = () => STRATEGIES[strategy];
  return new RedisIndex({ ...COMMON, client, clock, coordinatorId, strategyOf, lingerMs, ...set });
}

/** An index of its own on a clock that stands still. */
export function openRedisIndex(
  client: RedisClient,
  { strategyOf = () => 'LEAST_CONNECTIONS', seed = 1, log, ...set }: StrategyUnderTest = {},
) {
  const clock = new FakeClock();
  const index = new RedisIndex({
    ...COMMON,
    client: freshView(client),
    coordinatorId: 'me',
    clock,
    log: { ...SILENT, ...log },
    random: seededRandom(seed),
    strategyOf: (org, balancing) => STRATEGIES[balancing ?? strategyOf(org)],
    ...set,
  });
  return { index, advance: (ms: number) => clock.advance(ms) };
}
