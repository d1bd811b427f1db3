import { describe, expect, it } from 'vitest';
import { createSharedFeed, type SharedFeed } from '../../src/api/feeds/shared-feed.js';
import { type FeedPlace, WatchCompacted } from '../../src/api/feeds/task-feed.js';
import type { TaskChange } from '../../src/ports/task-changes.js';
import { FakeChangeLog } from '../support/fake-change-log.js';
import { FakeClock } from '../support/fake-clock.js';
import { seededRandom } from '../support/seeded-random.js';

const change = (taskId: string, seq: number, org = 'one'): TaskChange => ({
  org,
  taskId,
  seq,
  state: 'RUNNING',
});

/** Lets everything that waits for nothing but promises happen. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

function world(log = new FakeChangeLog()) {
  const clock = new FakeClock();
  const lines: { level: string; fields: object; message: string }[] = [];
  const say = (level: string) => (fields: object, message: string) => lines.push({ level, fields, message });
  const feedOf = () =>
    createSharedFeed({
      changes: log,
      clock,
      log: { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') },
    });
  return {
    ...{ log, clock, lines, feedOf },
    feed: feedOf(),
    /** Time passes in steps in which reads come back. */
    async pass(ms: number) {
      for (let left = ms; left > 0; left -= 20) {
        clock.advance(Math.min(20, left));
        await settled();
      }
    },
  };
}

async function follow(feed: SharedFeed, after: FeedPlace | null = null, org = 'one') {
  const told: string[] = [];
  const causes: WatchCompacted[] = [];
  const following = await feed.follow(
    org,
    {
      changed: ({ taskId, seq }) => told.push(`${taskId}${seq}`),
      broken: (cause) => causes.push(cause),
    },
    after,
  );
  const missed: string[] = [];
  for await (const page of following.missed())
    missed.push(...page.map(([{ taskId, seq }]) => `${taskId}${seq}`));
  return { told, missed, causes, end: following.end };
}

describe('the feed of a record that others write to', () => {
  it('tells of what others commit, in the order of their transactions, those that commit late too', async () => {
    const { feed, log, pass } = world();
    const { told } = await follow(feed);
    const late = log.begin();
    log.write(change('b', 1), change('c', 1));
    log.write(change('x', 1, 'other'));
    await pass(40);
    expect([told, feed.newest]).toEqual([[], 0]);
    log.commit(late, change('a', 1));
    await pass(40);
    expect([told, feed.newest]).toEqual([['a1', 'b1', 'c1'], 3]);
  });

  it('tells of own changes without waiting, and once, whichever way they come first', async () => {
    const { feed, log, pass } = world();
    const { told } = await follow(feed);
    const late = log.begin();
    log.write(change('a', 1));
    feed.publish([change('a', 1)]);
    expect(told).toEqual(['a1']);
    log.commit(late);
    log.write(change('b', 1));
    await pass(40);
    feed.publish([change('b', 1)]);
    await pass(40);
    expect(told).toEqual(['a1', 'b1']);
  });

  it('never tells of a task with a lower number after a higher one', async () => {
    const { feed, log, pass } = world();
    const { told } = await follow(feed);
    const [first, second] = [log.begin(), log.begin()];
    log.commit(second, change('a', 2));
    log.commit(first, change('a', 3));
    feed.publish([change('a', 4)]);
    log.write(change('a', 4));
    log.write(change('a', 5));
    await pass(40);
    expect(told).toEqual(['a4', 'a5']);
  });

  it('asks the record for nothing while nobody attends, and once for all who do', async () => {
    const { feed, log, pass } = world();
    feed.publish([change('a', 1)]);
    await pass(1_000);
    expect(log.reads).toBe(0);
    const leave = await feed.attend();
    const also = await follow(feed);
    await follow(feed);
    await pass(400);
    expect(log.reads).toBeGreaterThanOrEqual(8);
    expect(log.reads).toBeLessThanOrEqual(12);
    leave();
    leave();
    also.end();
    const before = log.reads;
    await pass(400);
    expect(log.reads).toBeGreaterThan(before);
  });

  it('stops asking when the last one leaves, and begins anew from then on', async () => {
    const { feed, log, pass } = world();
    const { end } = await follow(feed);
    end();
    const before = log.reads;
    log.write(change('a', 1));
    await pass(1_000);
    expect([log.reads, feed.lagMs]).toEqual([before, 0]);
    const { told } = await follow(feed);
    log.write(change('a', 2));
    await pass(40);
    expect(told).toEqual(['a2']);
  });

  it('reads at once when another coordinator says that there is news', async () => {
    const { feed, log, clock } = world();
    const { told } = await follow(feed);
    log.write(change('a', 1));
    const before = log.reads;
    for (let i = 0; i < 10; i++) feed.onNews();
    clock.advance(5);
    await settled();
    expect([told, log.reads - before]).toEqual([['a1'], 1]);
  });

  it('goes on where the feed of another coordinator was, without a gap and without repeating', async () => {
    const { feed, feedOf, log, pass } = world();
    const one = await follow(feed);
    log.write(change('a', 1));
    await pass(40);
    const place = { generation: feed.generation, position: feed.newest };
    one.end();
    const late = log.begin();
    log.write(change('b', 1));
    log.write(change('x', 1, 'other'));
    const other = feedOf();
    const two = await follow(other, place);
    log.commit(late, change('a', 2));
    log.write(change('c', 1));
    await pass(40);
    expect([...two.missed, ...two.told]).toEqual(['a2', 'b1', 'c1']);
  });

  it('has for one that comes later what it has told of its own and could not read yet', async () => {
    const { feed, log, pass } = world();
    const one = await follow(feed);
    const place = { generation: feed.generation, position: feed.newest };
    const late = log.begin();
    log.write(change('a', 1));
    feed.publish([change('a', 1)]);
    const two = await follow(feed, place);
    log.commit(late);
    await pass(40);
    expect([one.told, two.missed, two.told]).toEqual([['a1'], ['a1'], []]);
  });

  it('takes a place that another coordinator has read up to just now', async () => {
    const { feed, feedOf, log, pass } = world();
    const [ahead, behind] = [feed, feedOf()];
    await follow(behind);
    log.write(change('a', 1));
    await follow(ahead);
    const place = { generation: ahead.generation, position: ahead.newest };
    expect(behind.newest).toBeLessThan(place.position);
    const { missed, told } = await follow(behind, place);
    await pass(40);
    expect([missed, told]).toEqual([[], []]);
  });

  it('refuses a place of another record, from the future, or that is forgotten, with the oldest', async () => {
    const { feed, log } = world();
    for (let i = 0; i < 9; i++) log.write(change('a', i + 1));
    log.oldest = 4;
    const of = (position: number, generation = log.generation) => follow(feed, { position, generation });
    for (const refused of [of(5, 'record-0'), of(3), of(-1), of(10)]) {
      const error = await refused.catch((cause) => cause);
      expect(error).toBeInstanceOf(WatchCompacted);
      expect(error).toMatchObject({ generation: 'record-1', oldest: 4 });
    }
    expect((await of(4)).missed).toEqual(['a5', 'a6', 'a7', 'a8', 'a9']);
  });

  it('tells its listeners when the record has become another one, or has forgotten too much', async () => {
    const { feed, log, pass } = world();
    const one = await follow(feed);
    log.generation = 'record-2';
    await pass(40);
    expect(one.causes.map(({ generation }) => generation)).toEqual(['record-2']);
    const two = await follow(feed);
    for (let i = 0; i < 9; i++) log.write(change('a', i + 1));
    log.oldest = 5;
    await pass(40);
    expect(two.causes.map(({ oldest }) => oldest)).toEqual([5]);
    expect(two.told).toEqual([]);
  });

  it('rejects while the record is away at the start, and lives through it later', async () => {
    const { feed, log, lines, pass } = world();
    log.away = new Error('away');
    await expect(follow(feed)).rejects.toThrow('away');
    log.away = null;
    const { told } = await follow(feed);
    log.away = new Error('away');
    await pass(3_000);
    expect(lines.map(({ level }) => level)).toEqual(['warn']);
    expect(feed.lagMs).toBeGreaterThan(2_000);
    log.away = null;
    log.write(change('a', 1));
    await pass(600);
    expect(told).toEqual(['a1']);
    expect(lines.map(({ level }) => level)).toEqual(['warn', 'info']);
  });

  it('says how far it is behind, and who holds it back', async () => {
    const { feed, log, lines, pass } = world();
    await follow(feed);
    await pass(200);
    expect(feed.lagMs).toBeLessThanOrEqual(40);
    log.writer = {
      pid: 7,
      application: 'psql',
      role: 'ann',
      database: 'other',
      state: 'idle in transaction',
      prepared: null,
      ageMs: 6_000,
    };
    const late = log.begin();
    await pass(4_900);
    expect(lines).toEqual([]);
    await pass(10_000);
    expect(feed.lagMs).toBeGreaterThan(14_000);
    expect(lines).toMatchObject([{ level: 'warn', fields: { lagSeconds: 5, writer: log.writer } }]);
    log.commit(late);
    await pass(100);
    expect(feed.lagMs).toBeLessThan(200);
  });
});

describe('feeds of several coordinators, whatever happens when', () => {
  it.each(Array.from({ length: 200 }, (_, seed) => seed))('seed %i', async (seed) => {
    const random = seededRandom(seed);
    const below = (n: number) => Math.floor(random() * n);
    const { log, feedOf, pass } = world(new FakeChangeLog(2));
    const feeds = [feedOf(), feedOf()];
    const seqs = new Map<string, number>();
    const open: { xid: number; made: TaskChange; by: number }[] = [];
    const unpublished: { made: TaskChange; by: number }[] = [];
    /** A reader that goes from one coordinator to the other with what it was told. */
    const reader = { seen: new Map<string, number>(), place: null as FeedPlace | null, end: () => {} };

    const connect = async () => {
      const feed = feeds[below(2)] as SharedFeed;
      const told = new Map<string, number>();
      // A watch reads the task, which is at least as far as the change that it was told of.
      const see = ({ taskId, seq }: TaskChange) =>
        reader.seen.set(taskId, Math.max(seq, reader.seen.get(taskId) ?? 0));
      const following = await feed.follow(
        'one',
        {
          changed: (made) => {
            expect(made.seq, 'rises').toBeGreaterThan(told.get(made.taskId) ?? 0);
            told.set(made.taskId, made.seq);
            see(made);
          },
          broken: () => expect.unreachable(),
        },
        reader.place,
      );
      for await (const page of following.missed()) for (const [made] of page) see(made);
      reader.place ??= { generation: feed.generation, position: feed.newest };
      reader.end = () => {
        reader.place = { generation: feed.generation, position: feed.newest };
        following.end();
      };
    };
    await connect();
    for (let step = 0; step < 80; step++) {
      const what = below(10);
      if (what < 3) {
        const taskId = 'abc'[below(3)] as string;
        // A row is locked until its transaction ends.
        if (open.some(({ made }) => made.taskId === taskId)) continue;
        const seq = (seqs.get(taskId) ?? 0) + 1;
        seqs.set(taskId, seq);
        open.push({ xid: log.begin(), made: change(taskId, seq), by: below(2) });
      } else if (what < 6) {
        const [ended] = open.splice(below(open.length), 1);
        if (!ended) continue;
        log.commit(ended.xid, ended.made);
        unpublished.push(ended);
      } else if (what < 8) {
        const [ended] = unpublished.splice(0, 1);
        if (ended) feeds[ended.by]?.publish([ended.made]);
      } else if (what < 9) await pass(40);
      else {
        reader.end();
        await connect();
      }
    }
    for (const { xid, made } of open) log.commit(xid, made);
    await pass(200);
    expect(Object.fromEntries(reader.seen)).toEqual(Object.fromEntries(seqs));
  });
});
