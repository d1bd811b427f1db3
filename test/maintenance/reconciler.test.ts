import { expect, test } from 'vitest';
import { createReconciler } from '../../src/maintenance/reconciler.js';
import type { OpenTaskCursor } from '../../src/ports/task-record.js';
import type { Ports } from '../../src/usecases/ports.js';
import { FakeClock } from '../support/fake-clock.js';
import { SILENT } from '../support/pglite-record.js';

/** A reconciler of a record of `pages` pages, and where each page that it read began. */
function setup(pages: number, index = {}, record = {}, loader?: { hasLoaded(): Promise<boolean> }) {
  const clock = new FakeClock();
  const read: number[] = [];
  let onPage: (page: number) => void = () => undefined;
  const nothing = async () => [];
  const ports = {
    clock,
    log: SILENT,
    record: {
      async listOpenTasks(cursor: OpenTaskCursor | null) {
        const page = cursor === null ? 0 : Number(cursor.taskId);
        read.push(page);
        onPage(page);
        return { tasks: [], cursor: page + 1 < pages ? { org: 'o', taskId: String(page + 1) } : null };
      },
      settleEdges: nothing,
      listOpenUpstreams: nothing,
      ...record,
    },
    index: {
      nextWaiting: nothing,
      nextDelayed: nothing,
      nextInFlight: nothing,
      freeSlots: nothing,
      add: nothing,
      delay: nothing,
      hintLeases: nothing,
      remove: nothing,
      ...index,
    },
    deadlines: { watch: nothing },
  } as unknown as Ports;
  const reconciler = createReconciler(ports, { pageEveryMs: 1_000, roundEveryMs: 10_000 }, loader);
  return {
    reconciler,
    read,
    clock,
    on(listener: (page: number) => void) {
      onPage = listener;
    },
    async settled() {
      for (let i = 0; i < 20; i++) await new Promise<void>((resolve) => setImmediate(resolve));
    },
  };
}

test('reads all at once at each start, however far it was', async () => {
  const w = setup(3);
  w.reconciler.start();
  await w.settled();
  expect(w.read).toEqual([0, 1, 2]);
  w.clock.advance(10_000);
  await w.settled();
  expect(w.read).toEqual([0, 1, 2, 0]);
  await w.reconciler.stop();
  w.reconciler.start();
  await w.settled();
  expect(w.read).toEqual([0, 1, 2, 0, 0, 1, 2]);
});

test('drops what is delayed or queued in the index and not in the record', async () => {
  const removed: string[] = [];
  const states: Record<string, string> = { a: 'QUEUED', b: 'SCHEDULED', c: 'CANCELLED', d: 'SCHEDULED' };
  const of = (...ids: string[]) => ids.map((taskId) => ({ org: 'o', taskId, seq: 1 }));
  const w = setup(
    1,
    {
      nextWaiting: async () => of('a', 'b'),
      nextDelayed: async () => of('c', 'd'),
      remove: async (tasks: readonly { readonly taskId: string }[]) => {
        removed.push(...tasks.map(({ taskId }) => taskId));
      },
    },
    { getTaskStates: async (_org: string, ids: readonly string[]) => ids.map((id) => states[id]) },
  );
  w.reconciler.start();
  await w.settled();
  expect(removed).toEqual(['b', 'c']);
});

test('begins again at once when the index has lost what it had, also in the middle of a page', async () => {
  const w = setup(3);
  w.reconciler.start();
  await w.settled();
  w.reconciler.hurry();
  await w.settled();
  expect(w.read).toEqual([0, 1, 2, 0, 1, 2]);

  w.on((page) => {
    if (page !== 1) return;
    w.on(() => undefined);
    w.reconciler.hurry();
  });
  w.reconciler.hurry();
  await w.settled();
  expect(w.read.slice(6)).toEqual([0, 1, 0, 1, 2]);
});

test('tells nothing again that was just loaded, unless the index has lost it since', async () => {
  const added: string[] = [];
  const ready = { org: 'o', taskId: 'a' };
  const tasks = [{ state: 'QUEUED', ready, epoch: 0, leaseRemainingMs: null, deadline: null }];
  const add = async (told: readonly { readonly taskId: string }[]) => {
    added.push(...told.map(({ taskId }) => taskId));
  };
  const listOpenTasks = async () => ({ tasks, cursor: null });
  const w = setup(1, { add }, { listOpenTasks }, { hasLoaded: async () => true });
  w.reconciler.start();
  await w.settled();
  expect(added).toEqual([]);
  w.reconciler.hurry();
  await w.settled();
  expect(added).toEqual(['a']);
});

test('a start drops all that has ended, at once', async () => {
  const many = Array.from({ length: 2_500 }, (_, i) => ({ org: 'o', taskId: String(i), seq: 1 }));
  let removed = 0;
  const waiting = [...many];
  const w = setup(
    1,
    {
      nextWaiting: async (max: number) => waiting.splice(0, max),
      remove: async (tasks: readonly unknown[]) => {
        removed += tasks.length;
      },
    },
    { getTaskStates: async (_org: string, ids: readonly string[]) => ids.map(() => 'SUCCEEDED') },
  );
  w.reconciler.start();
  await w.settled();
  expect(removed).toBe(2_500);
});
