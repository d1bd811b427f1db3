import { expect, test } from 'vitest';
import { createIndexLoader } from '../../src/maintenance/index-loader.js';
import type { OpenTaskCursor } from '../../src/ports/task-record.js';
import type { Ports } from '../../src/usecases/ports.js';
import { FakeClock } from '../support/fake-clock.js';
import { SILENT } from '../support/pglite-record.js';

/** A record of `pages` pages of one queued task each, and what the index was told. */
function setup(pages: number, isEmpty = true) {
  const clock = new FakeClock();
  const told: string[] = [];
  let gate: Promise<void> = Promise.resolve();
  let fails = false;
  const nothing = async () => undefined;
  const ports = {
    clock,
    log: SILENT,
    record: {
      async listOpenTasks(cursor: OpenTaskCursor | null) {
        await gate;
        if (fails) throw new Error('the record is away');
        const page = Number(cursor?.taskId ?? 0);
        const ready = { org: 'o', taskId: `t${page}` };
        const task = { state: 'QUEUED', ready, epoch: 0, leaseRemainingMs: null, deadline: null };
        return { tasks: [task], cursor: page + 1 < pages ? { org: 'o', taskId: String(page + 1) } : null };
      },
    },
    index: {
      freeSlots: async (claims: readonly unknown[]) => expect(claims).toEqual([]),
      add: async (tasks: readonly { readonly taskId: string }[]) => {
        told.push(...tasks.map(({ taskId }) => taskId));
      },
      delay: nothing,
      hintLeases: nothing,
    },
    deadlines: { watch: nothing },
  } as unknown as Ports;
  return {
    loader: createIndexLoader(ports, isEmpty),
    told,
    clock,
    wait: (until: Promise<void>) => {
      gate = until;
    },
    fail: () => {
      fails = true;
    },
  };
}

test('an empty index is told of all open tasks', async () => {
  const w = setup(3);
  w.loader.start();
  expect(await w.loader.hasLoaded()).toBe(true);
  expect(w.told).toEqual(['t0', 't1', 't2']);
  w.clock.advance(60_000);
  expect(await w.loader.hasLoaded()).toBe(false);
});

test('one that was there is left to who leads', async () => {
  const w = setup(3, false);
  w.loader.start();
  expect(await w.loader.hasLoaded()).toBe(false);
  expect(w.told).toEqual([]);
});

test('a load that fails does not count, and one that is stopped ends', async () => {
  const failing = setup(3);
  failing.fail();
  failing.loader.start();
  expect(await failing.loader.hasLoaded()).toBe(false);

  const stopped = setup(3);
  let open: () => void = () => undefined;
  stopped.wait(new Promise((resolve) => (open = resolve)));
  stopped.loader.start();
  const end = stopped.loader.stop();
  open();
  await end;
  expect(stopped.told).toEqual([]);
  expect(await stopped.loader.hasLoaded()).toBe(false);
});
