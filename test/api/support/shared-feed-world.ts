import { createSharedFeed, type SharedFeed } from '../../../src/api/feeds/shared-feed.js';
import type { FeedPlace, WatchCompacted } from '../../../src/api/feeds/task-feed.js';
import type { TaskChange } from '../../../src/ports/task-changes.js';
import { FakeChangeLog } from '../../support/fake-change-log.js';
import { FakeClock } from '../../support/fake-clock.js';

export const change = (taskId: string, seq: number, org = 'one'): TaskChange => ({
  org,
  taskId,
  seq,
  state: 'RUNNING',
});

/** Lets everything that waits for nothing but promises happen. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));

export function world(log = new FakeChangeLog()) {
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

export async function follow(feed: SharedFeed, after: FeedPlace | null = null, org = 'one') {
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
