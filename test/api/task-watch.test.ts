import { describe, expect, it } from 'vitest';
import { createTaskFeed } from '../../src/api/feeds/task-feed.js';
import { createTaskWatchers, type WatchedTask } from '../../src/api/task-watch.js';
import { FakeClock } from '../support/fake-clock.js';
import { setup } from './support/world.js';

const summary = (told: readonly WatchedTask[]) => told.map(({ task }) => `${task?.seq} ${task?.state}`);

function options(more: { view?: 'BASIC'; onlyEnds?: boolean } = {}) {
  const controller = new AbortController();
  return {
    controller,
    options: { view: 'FULL' as const, onlyEnds: false, signal: controller.signal, ...more },
  };
}

describe('watches', () => {
  it('miss no change that comes while the first read is in flight', async () => {
    const { watchers, put, move } = setup();
    const { taskId } = put();
    const watch = watchers.watch('default', [taskId], options().options);
    const first = watch.next();
    move(taskId, 'ASSIGNED');
    move(taskId, 'RUNNING');
    const told = summary((await first).value ?? []);
    if (told[0] !== '3 RUNNING') told.push(...summary((await watch.next()).value ?? []));
    expect(told.at(-1)).toBe('3 RUNNING');
    move(taskId, 'SUCCEEDED');
    expect(summary((await watch.next()).value ?? [])).toEqual(['4 SUCCEEDED']);
    expect((await watch.next()).done).toBe(true);
  });

  it('tell of many changes between two questions once', async () => {
    const { watchers, put, move, reads } = setup();
    const { taskId } = put();
    const watch = watchers.watch('default', [taskId], options().options);
    await watch.next();
    for (let i = 0; i < 100; i++) move(taskId, 'RUNNING');
    expect(summary((await watch.next()).value ?? [])).toEqual(['101 RUNNING']);
    expect(reads).toHaveLength(2);
    await watch.return(undefined);
  });

  it('give a sign of life where nothing happens, if they are asked to', async () => {
    const clock = new FakeClock();
    const { record, put, move } = setup();
    const watchers = createTaskWatchers({ record, clock, feed: createTaskFeed('x') });
    const { taskId } = put();
    const watch = watchers.watch('default', [taskId], { ...options().options, signsOfLife: true });
    await watch.next();
    const next = watch.next();
    await Promise.resolve();
    clock.advance(10_000);
    expect(await next).toEqual({ done: false, value: [] });
    move(taskId, 'SUCCEEDED');
    const last = watch.next();
    clock.advance(30_000);
    for (let told = await last; ; told = await watch.next()) {
      if (told.value?.length === 0) continue;
      expect(summary(told.value ?? [])).toEqual(['2 SUCCEEDED']);
      break;
    }
  });

  it('share reads with each other', async () => {
    const { watchers, put, move, reads } = setup();
    const tasks = Array.from({ length: 20 }, () => put());
    const watches = tasks.map(({ taskId }) => watchers.watch('default', [taskId], options().options));
    await Promise.all(watches.map((watch) => watch.next()));
    expect(reads.length).toBeLessThan(3);
    for (const { taskId } of tasks) move(taskId, 'SUCCEEDED');
    const ends = await Promise.all(watches.map((watch) => watch.next()));
    expect(ends.every(({ value }) => value?.[0]?.task?.state === 'SUCCEEDED')).toBe(true);
    expect(reads.length).toBeLessThan(5);
  });

  it('follow a task that ended and was begun anew while others are open', async () => {
    const { watchers, put, move } = setup();
    const [one, other] = [put(), put()];
    const watch = watchers.watch('default', [one.taskId, other.taskId], options({ onlyEnds: true }).options);
    const first = watch.next();
    move(one.taskId, 'FAILED');
    expect(summary((await first).value ?? [])).toEqual(['2 FAILED']);
    const second = watch.next();
    move(one.taskId, 'QUEUED');
    move(other.taskId, 'SUCCEEDED');
    expect(summary((await second).value ?? [])).toEqual(['2 SUCCEEDED']);
    const third = watch.next();
    move(one.taskId, 'SUCCEEDED');
    expect(summary((await third).value ?? [])).toEqual(['4 SUCCEEDED']);
    expect((await watch.next()).done).toBe(true);
  });

  it('tell of progress, though it is no change', async () => {
    const { watchers, put } = setup();
    const { taskId } = put({ state: 'RUNNING', seq: 3 });
    const watch = watchers.watch('default', [taskId], options().options);
    await watch.next();
    watchers.progressed('default', [taskId]);
    expect(summary((await watch.next()).value ?? [])).toEqual(['3 RUNNING']);
    await watch.return(undefined);
  });

  it('end without an error when they are told to', async () => {
    const { watchers, put } = setup();
    const { controller, options: aborted } = options();
    const watch = watchers.watch('default', [put().taskId], aborted);
    await watch.next();
    const next = watch.next();
    controller.abort();
    expect((await next).done).toBe(true);
  });

  it('look again by themselves after a while, for what nobody published', async () => {
    const { record, put, tasks } = setup();
    const due: (() => void)[] = [];
    const after = (_ms: number, fn: () => void) => {
      due.push(fn);
      return () => {};
    };
    const watchers = createTaskWatchers({ record, clock: { after }, feed: createTaskFeed('one') });
    const task = put();
    const watch = watchers.watch('default', [task.taskId], options().options);
    await watch.next();
    tasks.set(task.taskId, { ...task, state: 'SUCCEEDED', seq: 2 });
    const next = watch.next();
    due.shift()?.();
    expect(summary((await next).value ?? [])).toEqual(['2 SUCCEEDED']);
  });

  it('fail when the record cannot be read, and read again afterwards', async () => {
    const { watchers, record, put } = setup();
    const { taskId } = put();
    const getTasks = record.getTasks;
    record.getTasks = async () => {
      throw new Error('away');
    };
    await expect(watchers.watch('default', [taskId], options().options).next()).rejects.toThrow('away');
    record.getTasks = getTasks;
    expect((await watchers.read('default', taskId, 'FULL'))?.taskId).toBe(taskId);
  });
});
