import { describe, expect, it } from 'vitest';
import type { SharedFeed } from '../../src/api/feeds/shared-feed.js';
import type { FeedPlace } from '../../src/api/feeds/task-feed.js';
import type { TaskChange } from '../../src/ports/task-changes.js';
import { FakeChangeLog } from '../support/fake-change-log.js';
import { seededRandom } from '../support/seeded-random.js';
import { change, world } from './support/shared-feed-world.js';

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
