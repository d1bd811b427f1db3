import { describe, expect, it } from 'vitest';
import { createTaskFeed, WatchCompacted } from '../../src/api/feeds/task-feed.js';
import type { ChosenStep } from '../../src/api/feeds/watch-chosen.js';
import { createTaskWatchers } from '../../src/api/task-watch.js';
import { EVERY_TASK, type TaskFilter } from '../../src/domain/tasks/task-filter.js';
import { systemIds } from '../../src/system/id-source.js';
import { FakeClock } from '../support/fake-clock.js';
import { setup } from './support/world.js';

type From = 'SNAPSHOT' | 'NOW' | number;

/** Watches over a record that is a map and a clock that stands still. */
function world({ kept }: { kept?: number } = {}) {
  const { record, reads, put, tasks } = setup();
  const clock = new FakeClock();
  const feed = createTaskFeed('one', kept);
  const watchers = createTaskWatchers({ record, clock, feed });
  const gone = new AbortController();
  return {
    ...{ record, reads, put, tasks, clock, feed, watchers, gone },
    /** Takes a task to a state; told of unless `quietly`. */
    move(taskId: string, state: ChosenState, { quietly = false } = {}) {
      const task = tasks.get(taskId);
      if (!task) throw new Error(`no task ${taskId}`);
      const moved = { ...task, state, seq: task.seq + 1 };
      tasks.set(taskId, moved);
      const { org, seq } = moved;
      if (!quietly) watchers.changes.publish([{ org, taskId, seq, state }]);
    },
    watch(filter: Partial<TaskFilter> = {}, from: From = 'SNAPSHOT', view: 'BASIC' | 'FULL' = 'BASIC') {
      const { signal } = gone;
      return watchers.watchChosen('default', { ...EVERY_TASK, ...filter }, { view, from, signal });
    },
  };
}

type ChosenState = Parameters<ReturnType<typeof setup>['move']>[1];

async function next(watch: AsyncGenerator<ChosenStep>): Promise<ChosenStep> {
  const { value, done } = await watch.next();
  if (done) throw new Error('the watch has ended');
  return value as ChosenStep;
}

const told = ({ changes }: ChosenStep) =>
  changes.map(({ task, left }) => `${task?.seq ?? '-'} ${task?.state ?? 'GONE'}${left ? ' left' : ''}`);

const echo = { labels: { team: 'docs' } };

describe('a watch by a filter', () => {
  it('begins with what is chosen and has not ended, then tells of what comes, changes and ends', async () => {
    const { put, move, watch } = world();
    const spec = put().spec;
    const labelled = { spec: { ...spec, ...echo } };
    put({ state: 'RUNNING', seq: 3, ...labelled });
    put({ state: 'SUCCEEDED', seq: 4, ...labelled });
    const it = watch(echo);
    const snapshot = await next(it);
    expect(snapshot).toMatchObject({ snapshot: true, snapshotComplete: true, snapshotTruncated: false });
    expect(told(snapshot)).toEqual(['3 RUNNING']);
    const stranger = put({ spec });
    const fresh = put(labelled);
    const step = next(it);
    move(stranger.taskId, 'ASSIGNED');
    move(fresh.taskId, 'ASSIGNED');
    expect(told(await step)).toEqual(['2 ASSIGNED']);
    move(fresh.taskId, 'SUCCEEDED');
    expect(told(await next(it))).toEqual(['3 SUCCEEDED']);
  });

  it('tells once that a task has left, and nothing of it until it is back', async () => {
    const { put, move, watch } = world();
    const { taskId } = put();
    const other = put();
    const it = watch({ states: ['QUEUED'] });
    expect(told(await next(it))).toEqual(['1 QUEUED', '1 QUEUED']);
    move(taskId, 'ASSIGNED');
    expect(told(await next(it))).toEqual(['2 ASSIGNED left']);
    move(taskId, 'RUNNING');
    move(other.taskId, 'CANCELLED');
    expect(told(await next(it))).toEqual(['2 CANCELLED left']);
    move(taskId, 'FAILED');
    move(taskId, 'QUEUED');
    expect(told(await next(it))).toEqual(['5 QUEUED']);
  });

  it('reads what a filter asks of the spec in one go, and payloads only of what is chosen', async () => {
    const { put, move, watch, reads } = world();
    const it = watch(echo, 'SNAPSHOT', 'FULL');
    await next(it);
    const tasks = Array.from({ length: 200 }, () => put());
    const chosen = put({ spec: { ...put().spec, ...echo } });
    const step = next(it);
    for (const { taskId } of [...tasks, chosen]) move(taskId, 'ASSIGNED');
    expect(told(await step)).toEqual(['2 ASSIGNED']);
    expect(reads.filter(({ view }) => view === 'BASIC').length).toBeLessThan(4);
    expect(reads.filter(({ view }) => view === 'FULL').map(({ ids }) => ids)).toEqual([[chosen.taskId]]);
  });

  it('reads a task that is ruled out again only when it waits again, since its labels may change then', async () => {
    const { put, move, watch, reads, watchers, tasks } = world();
    const spec = { ...put().spec, ...echo };
    const it = watch(echo);
    await next(it);
    const [stranger, chosen] = [put(), put({ spec })];
    const first = next(it);
    move(stranger.taskId, 'ASSIGNED');
    move(chosen.taskId, 'ASSIGNED');
    await first;
    const before = reads.length;
    const second = next(it);
    move(stranger.taskId, 'RUNNING');
    move(stranger.taskId, 'SUCCEEDED');
    watchers.progressed('default', [stranger.taskId]);
    move(chosen.taskId, 'RUNNING');
    expect(told(await second)).toEqual(['3 RUNNING']);
    expect(reads.slice(before).flatMap(({ ids }) => ids)).toEqual([chosen.taskId]);
    const waits = put();
    const third = next(it);
    move(waits.taskId, 'QUEUED');
    move(chosen.taskId, 'SUCCEEDED');
    expect(told(await third)).toEqual(['4 SUCCEEDED']);
    tasks.set(waits.taskId, { ...waits, spec, seq: 2 });
    move(waits.taskId, 'QUEUED');
    expect(told(await next(it))).toEqual(['3 QUEUED']);
    tasks.set(waits.taskId, { ...waits, seq: 3 });
    move(waits.taskId, 'QUEUED');
    expect(told(await next(it))).toEqual(['4 QUEUED left']);
  });

  it('misses no change between the snapshot and what follows', async () => {
    const { put, move, watch, record } = world();
    const { taskId } = put();
    const listTasks = record.listTasks;
    record.listTasks = async (query) => {
      const page = await listTasks(query);
      move(taskId, 'RUNNING');
      put();
      move(put().taskId, 'ASSIGNED');
      record.listTasks = listTasks;
      return page;
    };
    const it = watch();
    const snapshot = await next(it);
    expect(told(snapshot)).toEqual(['1 QUEUED']);
    const missed = await next(it);
    expect(told(missed).sort()).toEqual(['2 ASSIGNED', '2 RUNNING']);
    const again = await next(watch({}, snapshot.position ?? -1));
    expect(told(again).sort()).toEqual(['2 ASSIGNED', '2 RUNNING']);
  });

  it('has a snapshot in pages, of the newest ten thousand, and says if there are more', async () => {
    const { put, move, watch } = world();
    const tasks = Array.from({ length: 10_200 }, () => put());
    const it = watch();
    const snapshot: ChosenStep[] = [];
    do snapshot.push(await next(it));
    while (!snapshot.at(-1)?.snapshotComplete);
    expect(snapshot.length).toBeGreaterThan(10);
    expect(snapshot.flatMap(told)).toHaveLength(10_000);
    expect(snapshot.slice(0, -1).every(({ position }) => position === null)).toBe(true);
    expect(snapshot.at(-1)).toMatchObject({ snapshotTruncated: true, position: 0 });
    const [oldest] = tasks;
    move(oldest?.taskId ?? '', 'ASSIGNED');
    expect(told(await next(it))).toEqual(['2 ASSIGNED']);
  });

  it('goes on after a position: each task once, as it is now, and those that left too', async () => {
    const { put, move, watch } = world();
    const [stays, leaves, other] = [put(), put(), put({ spec: { ...put().spec, kind: 'other' } })];
    const filter: Partial<TaskFilter> = { states: ['QUEUED', 'ASSIGNED', 'RUNNING'], kinds: ['echo'] };
    const { position } = await next(watch(filter));
    move(stays.taskId, 'ASSIGNED');
    move(leaves.taskId, 'CANCELLED');
    move(other.taskId, 'CANCELLED');
    move(stays.taskId, 'RUNNING');
    const it = watch(filter, position ?? -1);
    const step = await next(it);
    expect(told(step).sort()).toEqual(['2 CANCELLED left', '3 RUNNING']);
    expect(step.position).toBe(4);
    move(leaves.taskId, 'CANCELLED');
    move(stays.taskId, 'SUCCEEDED');
    expect(told(await next(it))).toEqual(['4 SUCCEEDED left']);
  });

  it('refuses a position whose changes are not all known any more', async () => {
    const { put, move, watch, feed } = world({ kept: 3 });
    const { taskId } = put();
    for (let i = 0; i < 5; i++) move(taskId, 'RUNNING');
    expect(feed.oldest).toBe(2);
    await expect(watch({}, 1).next()).rejects.toThrow(WatchCompacted);
    await expect(watch({}, 6).next()).rejects.toThrow(WatchCompacted);
    expect(told(await next(watch({}, 2)))).toEqual(['6 RUNNING']);
    expect(await next(watch({}, 5))).toMatchObject({ changes: [], position: 5 });
  });

  it('begins with what changes from now on, if it is told to', async () => {
    const { put, move, watch } = world();
    const { taskId } = put();
    put();
    const it = watch({}, 'NOW');
    expect(await next(it)).toMatchObject({ changes: [], snapshot: false, position: 0 });
    move(taskId, 'RUNNING');
    expect(told(await next(it))).toEqual(['2 RUNNING']);
  });

  it('says where it is while nothing happens', async () => {
    const { put, move, watch, clock } = world();
    const it = watch({ kinds: ['other'] });
    await next(it);
    move(put().taskId, 'RUNNING');
    const positions: (number | null)[] = [];
    for (let i = 0; i < 2; i++) {
      const step = next(it);
      clock.advance(10_000);
      const { changes, position } = await step;
      expect(changes).toEqual([]);
      positions.push(position);
    }
    expect(positions.at(-1)).toBe(1);
  });

  it('tells of progress of what is chosen', async () => {
    const { put, watch, watchers } = world();
    const { taskId } = put({ state: 'RUNNING', seq: 3 });
    const other = put({ spec: { ...put().spec, kind: 'other' } });
    const it = watch({ kinds: ['echo'] });
    await next(it);
    const step = next(it);
    watchers.progressed('default', [other.taskId, taskId]);
    expect(told(await step)).toEqual(['3 RUNNING']);
  });

  it('finds by itself, after a while, what nobody published', async () => {
    const { put, move, watch, clock } = world();
    const { taskId } = put();
    const it = watch();
    await next(it);
    move(taskId, 'RUNNING', { quietly: true });
    put({ state: 'ASSIGNED', seq: 2 });
    const seen: string[] = [];
    for (let i = 0; i < 8 && seen.length < 2; i++) {
      const step = next(it);
      clock.advance(10_000);
      seen.push(...told(await step));
    }
    expect(seen.sort()).toEqual(['2 ASSIGNED', '2 RUNNING']);
  });

  it('gives up on a reader that is a hundred thousand tasks behind', async () => {
    const { watch, watchers } = world();
    const it = watch();
    await next(it);
    for (let i = 0; i <= 100_000; i++) {
      const change = { org: 'default', taskId: systemIds.taskId(), seq: 1, state: 'QUEUED' } as const;
      watchers.changes.publish([change]);
    }
    await expect(it.next()).rejects.toMatchObject({ code: 'OUT_OF_RANGE', reason: 'WATCH_OVERRUN' });
  });

  it('ends without an error when it is told to, and hears of other organisations never', async () => {
    const { put, move, watch, gone } = world();
    const it = watch();
    await next(it);
    const step = it.next();
    move(put({ org: 'other' }).taskId, 'RUNNING');
    gone.abort();
    expect((await step).done).toBe(true);
  });
});
