import { describe, expect, it } from 'vitest';
import { WatchCompacted } from '../../src/api/feeds/task-feed.js';
import { change, follow, settled, world } from './support/shared-feed-world.js';

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
