import { expect, it } from 'vitest';
import { atMost, ids, keyed, openLimited, perPeriod } from '../conformance/ready-index-limits-world.js';
import { connectAgent, ORG, task } from '../conformance/ready-index-world.js';
import { openRedisIndex } from '../support/servers/redis-index.js';
import { useRedis } from '../support/servers/shared-redis.js';

const redis = useRedis();

const opened = (...[limits, over]: [object, object?]) =>
  openLimited((set) => openRedisIndex(redis.client, set), limits, over);
const NOW = 1_700_000_000_000;
const key = (taskId: string) => ({ org: ORG, taskId });

it('a task that waits for a limit is told which, how much of it is taken and when it has room', async () => {
  const { index, start, advance } = await opened({
    keys: { api: atMost(2), web: perPeriod(1, 10_000) },
  });
  await connectAgent(index, 'a', 20);
  await index.add(ids('t', 3).map((id) => keyed(id, { limits: ['api'] })));
  await index.add(ids('w', 2).map((id) => keyed(id, { limits: ['web'] })));
  await start();
  advance(1_000);
  const full = { kind: 'KEY', key: 'api', inUse: 2, most: 2 };
  expect(await index.whyWaiting(key('t002'))).toMatchObject({ why: 'LIMIT', limits: [full] });
  expect((await index.place(key('t002')))?.limits).toEqual([full]);
  const rate = { kind: 'RATE', key: 'web', most: 1, periodMs: 10_000, until: NOW + 10_000 };
  expect((await index.whyWaiting(key('w001')))?.limits).toEqual([rate]);
});

it('what an organisation limits as a whole is told, and what is not known yet', async () => {
  const all = await opened({ maxConcurrent: 1, reservedSlots: 9 });
  await connectAgent(all.index, 'a', 10);
  await all.index.add([task('t1'), task('t2'), task('h1', { band: 'HUMAN', score: 5_000 })]);
  expect(await all.start()).toEqual(['h1']);
  expect((await all.index.whyWaiting(key('t1')))?.limits).toEqual([{ kind: 'ORG', inUse: 1, most: 1 }]);
  await all.end('h1');
  expect(await all.start()).toEqual(['t1']);
  expect((await all.index.whyWaiting(key('t2')))?.limits).toEqual([
    { kind: 'ORG', inUse: 1, most: 1 },
    { kind: 'RESERVED_SLOTS', reserved: 9, inUse: 1, most: 1 },
  ]);

  const busy = await opened({ maxBusyAgents: 1 });
  for (const id of ['a', 'b']) await connectAgent(busy.index, id, 1);
  await busy.index.add([task('t1'), task('t2')]);
  expect(await busy.start()).toEqual(['t1']);
  expect((await busy.index.whyWaiting(key('t2')))?.limits).toEqual([
    { kind: 'BUSY_AGENTS', inUse: 1, most: 1 },
  ]);

  const unknown = await opened({ maxConcurrent: 5 }, { isReady: false });
  await connectAgent(unknown.index, 'a', 10);
  await unknown.index.add([task('t1')]);
  await unknown.start();
  expect((await unknown.index.whyWaiting(key('t1')))?.limits).toEqual([{ kind: 'UNKNOWN' }]);
});

it('where keys take turns it is told what each was served', async () => {
  const { index, start } = await opened({}, { expectedMs: 60_000 });
  await connectAgent(index, 'x', 1);
  const of = (fairness: string, score: number) =>
    ids(fairness, 3).map((id) => keyed(id, { fairness }, { score: NOW + score }));
  await index.add([...of('a', 0), ...of('b', 100), task('plain', { score: NOW + 200 })]);
  expect(await start()).toEqual(['a000']);
  expect((await index.place(key('a001')))?.turn).toEqual({ key: 'a', servedMs: 60_000, less: 2 });
  expect((await index.place(key('b000')))?.turn).toEqual({ key: 'b', servedMs: 0, less: 0 });
  expect((await index.place(key('plain')))?.turn).toEqual({ key: null, servedMs: 0, less: 0 });
});
