import { expect, it } from 'vitest';
import { NO_LIMITS, type OrgLimits } from '../../src/domain/limits/org-limits.js';
import { NO_ORDER_TERMS } from '../../src/matching/order-terms.js';
import type { Operation } from '../../src/redis/operations.js';
import { OrgLimitsTold } from '../../src/redis/org-limits-told.js';
import { atMost, perPeriod, running } from '../conformance/ready-index-limits-world.js';
import { ORG } from '../conformance/ready-index-world.js';
import { FakeClock } from '../support/fake-clock.js';

function setup(limits: Partial<OrgLimits>) {
  const clock = new FakeClock();
  const set: OrgLimits = { ...NO_LIMITS, version: 7, ...limits };
  const written: Operation[] = [];
  const world = { life: 'one', version: 0, isReady: true, backlog: 0, asked: 0 };
  const told = new OrgLimitsTold({
    org: ORG,
    clock,
    orderTerms: { ...NO_ORDER_TERMS, limitsOf: () => set },
    life: () => world.life,
    told: () => world,
    write: async (operations) => void written.push(...operations),
    backlog: () => world.backlog,
    onUnready: () => {
      world.asked += 1;
    },
  });
  return { told, written, world, clock, names: () => written.map(({ op }) => op) };
}

it('limits are told once to each index, and again while it does not know them after a while', () => {
  const { told, names, world, clock } = setup({ maxConcurrent: 3 });
  told.compare();
  told.compare();
  expect(names()).toEqual(['limits']);
  clock.advance(10_000);
  told.compare();
  expect(names()).toEqual(['limits', 'limits']);
  world.version = 7;
  clock.advance(10_000);
  told.compare();
  expect(names()).toHaveLength(2);
  Object.assign(world, { life: 'another', version: 0 });
  told.compare();
  expect(names()).toHaveLength(3);
});

it('of an organisation that has set nothing nothing is told, unless something was told before', () => {
  const { told, names, world } = setup({});
  told.compare();
  expect(names()).toEqual([]);
  world.version = 6;
  told.compare();
  expect(names()).toEqual(['limits']);
});

it('what runs is asked for once in a life of the index, and again if it is not told', () => {
  const { told, world, clock } = setup({ maxConcurrent: 3 });
  world.isReady = false;
  told.compare();
  told.compare();
  expect(world.asked).toBe(1);
  clock.advance(10_000);
  told.compare();
  expect(world.asked).toBe(2);
  world.life = 'another';
  told.compare();
  expect(world.asked).toBe(3);
});

it('of starts as many are told as a rate looks at, the newest, however many there were', async () => {
  const { told, written } = setup({ keys: { web: perPeriod(3, 1_000), api: atMost(1) } });
  await told.setRunning(
    [running('t1', 'a', { limits: ['api'] })],
    [
      { limits: ['web', 'api'], time: 100, count: 10_000 },
      { limits: ['web', 'none'], time: 200, count: 2 },
    ],
  );
  expect(written.filter(({ op }) => op === 'started')).toEqual([
    { op: 'started', limit: 'web', name: '200/0', time: 200 },
    { op: 'started', limit: 'web', name: '200/1', time: 200 },
    { op: 'started', limit: 'web', name: '100/0', time: 100 },
  ]);
  expect(written[0]).toMatchObject({ op: 'running', id: 't1', use: '0 Oob - |api' });
  expect(written.at(-1)).toEqual({ op: 'ready', life: 'one' });
});

it('where Redis does not keep up it is not said that all was told', async () => {
  const { told, names, world } = setup({ maxConcurrent: 3 });
  world.backlog = 50_000;
  const refused = told.setRunning([running('t1', 'a')], []);
  await expect(refused).rejects.toMatchObject({ reason: 'INDEX_UNAVAILABLE' });
  expect(names()).not.toContain('ready');
});
