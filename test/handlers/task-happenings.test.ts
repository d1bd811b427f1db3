import { expect, test } from 'vitest';
import type { TaskEvent } from '../../src/domain/tasks/task.js';
import { LINGER_MS } from '../../src/handlers/batches.js';
import { createHandlerRegistry } from '../../src/handlers/registry.js';
import { createTaskHappenings } from '../../src/handlers/task-happenings.js';
import type { TaskChange } from '../../src/ports/task-changes.js';
import { FakeClock } from '../support/fake-clock.js';
import { SILENT } from '../support/pglite-record.js';
import { taskEvent } from './support/happenings.js';

/** @param eventsOf what a change came with. Default: one event */
function setup(eventsOf = ({ taskId, seq }: TaskChange): TaskEvent[] => [taskEvent(taskId, seq)]) {
  const clock = new FakeClock();
  const counts: Record<string, number> = {};
  const told: string[] = [];
  const reads: number[] = [];
  let isAway = false;
  const registry = createHandlerRegistry({
    clock,
    log: SILENT,
    count(_, outcome, count) {
      counts[outcome] = (counts[outcome] ?? 0) + count;
    },
  });
  const off = registry.on('task', 'it', (event) => {
    if (event.subject === 'task') told.push(`${event.taskId}${event.seq}`);
  });
  const happenings = createTaskHappenings({
    ...{ registry, clock, log: SILENT },
    trails: {
      async readChanges(changes) {
        reads.push(changes.length);
        if (isAway) throw new Error('the record is away');
        return changes.map(eventsOf);
      },
    },
  });
  return {
    ...{ counts, told, reads, off, happenings },
    changed: (...changes: readonly (readonly [string, number])[]) =>
      happenings.add(
        changes.map(([taskId, seq]) => ({ org: 'acme', taskId, seq, state: 'QUEUED' as const })),
      ),
    away(now: boolean) {
      isAway = now;
    },
    async pass(ms = LINGER_MS) {
      clock.advance(ms);
      for (let i = 0; i < 200; i++) await Promise.resolve();
    },
  };
}

test('changes that come together are read together, and told of in the order of their numbers', async () => {
  const { changed, told, reads, pass } = setup();
  changed(['a', 2], ['b', 1]);
  changed(['a', 1]);
  expect(reads).toEqual([]);
  await pass();
  expect(reads).toEqual([3]);
  expect(told).toEqual(['b1', 'a1', 'a2']);
});

test('what a change came with is told too, and nothing is told twice', async () => {
  const { changed, told, pass } = setup(({ taskId, seq }) =>
    seq === 4 ? [taskEvent(taskId, 3), taskEvent(taskId, 4)] : [taskEvent(taskId, seq)],
  );
  changed(['a', 4]);
  await pass();
  changed(['a', 3], ['a', 4], ['a', 5]);
  await pass();
  expect(told).toEqual(['a3', 'a4', 'a5']);
});

test('many changes are read in several statements', async () => {
  const { changed, told, reads, pass } = setup();
  changed(...Array.from({ length: 1_200 }, (_, i) => [`t${i}-`, 1] as const));
  await pass();
  expect(reads).toEqual([500, 500, 200]);
  expect(told).toHaveLength(1_200);
});

test('what cannot be read is read when the record is back', async () => {
  const { changed, told, reads, pass, away } = setup();
  away(true);
  changed(['a', 1]);
  await pass();
  changed(['a', 2]);
  await pass();
  expect(told).toEqual([]);
  away(false);
  await pass(1_000);
  expect([told, reads]).toEqual([
    ['a1', 'a2'],
    [1, 2],
  ]);
});

test('while the record is away 10,000 changes wait; further ones are counted as dropped', async () => {
  const { changed, told, counts, pass, away } = setup();
  away(true);
  changed(...Array.from({ length: 9_999 }, (_, i) => [`t${i}-`, 1] as const));
  changed(['x', 1], ['y', 1], ['z', 1]);
  await pass();
  expect(counts).toEqual({ dropped: 2 });
  away(false);
  await pass(1_000);
  expect(told).toHaveLength(10_000);
});

test('nothing is read when nobody is to be told any more', async () => {
  const { changed, reads, off, pass } = setup();
  changed(['a', 1]);
  off();
  await pass();
  expect(reads).toEqual([]);
});

test('a stop tells what has come', async () => {
  const { changed, told, happenings } = setup();
  changed(['a', 1]);
  await happenings.stop();
  expect(told).toEqual(['a1']);
});
