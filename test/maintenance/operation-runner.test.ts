import { expect, test } from 'vitest';
import { unavailable } from '../../src/domain/errors.js';
import type { Operation } from '../../src/domain/operations/operation.js';
import { EVERY_TASK } from '../../src/domain/tasks/task-filter.js';
import { createOperationRunner } from '../../src/maintenance/operation-runner.js';
import type { OperationRecord } from '../../src/ports/operation-record.js';
import type { CancelRequest, ScanQuery } from '../../src/ports/task-record.js';
import type { Ports } from '../../src/usecases/ports.js';
import { FakeClock } from '../support/fake-clock.js';

function operationOf(org: string, operationId: string, over: Partial<Operation> = {}): Operation {
  return {
    org,
    operationId,
    verb: 'CANCEL_TASKS',
    filter: EVERY_TASK,
    dryRun: false,
    reason: '',
    graceMs: null,
    actor: 'ann',
    state: 'RUNNING',
    cursor: operationId,
    total: 4,
    done: 0,
    skipped: 0,
    failed: 0,
    stateCounts: {},
    kindCounts: {},
    error: '',
    createTime: 1,
    updateTime: 1,
    endTime: null,
    ...over,
  };
}

interface WorldOptions {
  /** Slices of each operation. */
  readonly slices?: number;
  readonly scan?: (query: ScanQuery) => void;
  readonly cancel?: (request: CancelRequest) => void;
  /** Default: one on which no time passes. */
  readonly clock?: FakeClock;
}

/** A runner over a record of maps. */
function setup(operations: readonly Operation[], { slices = 2, scan, cancel, clock }: WorldOptions = {}) {
  const stored = new Map(operations.map((operation) => [operation.operationId, operation]));
  const steps: string[] = [];
  const held: string[] = [];
  let over: () => void = () => undefined;
  const allOver = new Promise<void>((resolve) => {
    over = resolve;
  });
  const left = new Map(operations.map(({ operationId }) => [operationId, slices]));
  const record: OperationRecord = {
    createOperation: () => Promise.reject(new Error('not here')),
    getOperation: async (_org, id) => stored.get(id) ?? null,
    listOperations: async () => [],
    listOpenOperations: async (after) =>
      after ? [] : [...stored.values()].filter((o) => o.endTime === null),
    async advanceOperation(_org, id, progress) {
      const known = stored.get(id);
      if (!known) return null;
      const isOpen = progress.state === 'COUNTING' || progress.state === 'RUNNING';
      const now = { ...known, ...progress, endTime: isOpen ? null : 2 };
      stored.set(id, known.endTime === null ? now : { ...now, state: known.state });
      return stored.get(id) ?? null;
    },
    cancelOperation: async () => null,
    forgetOperations: async () => undefined,
  };
  const nothing = async () => undefined;
  const ports = {
    clock: {
      now: () => 0,
      monotonic: () => 0,
      after: (_ms: number, fn: () => void) => {
        setImmediate(fn);
        return () => undefined;
      },
    },
    record: {
      async scanTasks(query: ScanQuery) {
        scan?.(query);
        const id = query.beforeId.slice(0, 2);
        const rest = (left.get(id) ?? 1) - 1;
        left.set(id, rest);
        const chosen = ['x', 'y'].map((name) => ({
          taskId: `${id}-${rest}${name}`,
          state: 'QUEUED',
          kind: 'k',
        }));
        return { chosen, beforeId: rest > 0 ? `${id} ${rest}` : null };
      },
      async cancelTasks(requests: readonly CancelRequest[]) {
        return requests.map((request) => {
          cancel?.(request);
          const { org, taskId } = request;
          return {
            kind: 'OK',
            change: { org, taskId, seq: 1, state: 'CANCELLED' },
            changed: true,
            dependents: [],
          };
        });
      },
    },
    deadlines: { drop: nothing },
    index: { remove: nothing, unhold: async (_org: string, name: string) => held.push(name) },
    changes: { publish: () => undefined },
    failpoints: { hit: () => undefined },
    rules: { cancelGraceMs: 5 },
    log: { debug() {}, info() {}, warn() {}, error() {} },
  } as unknown as Ports;
  if (clock) Object.assign(ports, { clock });
  const runner = createOperationRunner({
    ports,
    operations: record,
    onStep(operation) {
      steps.push(operation.operationId);
      if ([...stored.values()].every(({ endTime }) => endTime !== null)) over();
    },
  });
  return { runner, steps, stored, held, allOver };
}

test('organisations take turns, and the operations of each', async () => {
  const world = setup([operationOf('a', 'a1'), operationOf('a', 'a2'), operationOf('b', 'b1')], {
    slices: 3,
  });
  world.runner.start();
  await world.allOver;
  await world.runner.stop();
  expect(world.steps).toEqual(['a1', 'b1', 'a2', 'b1', 'a1', 'b1', 'a2', 'a1', 'a2']);
  expect(world.stored.get('a1')).toMatchObject({ state: 'SUCCEEDED', done: 6, skipped: 0, failed: 0 });
  expect(world.held.sort()).toEqual(['operation a1', 'operation a2', 'operation b1']);
});

test('counts first, from its own id, and then acts from there', async () => {
  const cursors: string[] = [];
  const world = setup([operationOf('a', 'a1', { state: 'COUNTING', total: 0 })], {
    slices: 1,
    scan: ({ beforeId }) => cursors.push(beforeId),
  });
  world.runner.start();
  await world.allOver;
  await world.runner.stop();
  expect(cursors).toEqual(['a1', 'a1']);
  expect(world.stored.get('a1')).toMatchObject({ total: 2, done: 2, stateCounts: { QUEUED: 2 } });
});

test('a task that the record refuses is counted and keeps no other from its turn', async () => {
  const world = setup([operationOf('a', 'a1')], {
    cancel: ({ taskId }) => {
      if (taskId === 'a1-1x') throw new Error('no');
    },
  });
  world.runner.start();
  await world.allOver;
  await world.runner.stop();
  expect(world.stored.get('a1')).toMatchObject({ state: 'SUCCEEDED', done: 3, failed: 1 });
});

test('a step that fails is repeated; one that goes on failing ends the operation, and its hold', async () => {
  let failures = 0;
  const passing = setup([operationOf('a', 'a1')], {
    scan: () => {
      failures += 1;
      if (failures <= 5) throw new Error('away');
    },
  });
  passing.runner.start();
  await passing.allOver;
  await passing.runner.stop();
  expect(passing.stored.get('a1')).toMatchObject({ state: 'SUCCEEDED', done: 4 });

  const failing = setup([operationOf('a', 'a1')], {
    scan: () => {
      throw new Error('away');
    },
  });
  failing.runner.start();
  await failing.allOver;
  await failing.runner.stop();
  expect(failing.stored.get('a1')).toMatchObject({ state: 'FAILED', done: 0 });
  expect(failing.stored.get('a1')?.error).toContain('refused 30 times');
  expect(failing.held).toEqual(['operation a1']);
});

test('an operation that begins while nothing runs is begun at once', async () => {
  const world = setup([]);
  world.runner.start();
  const begun = operationOf('a', 'a1');
  world.stored.set('a1', begun);
  world.runner.changed(begun);
  await world.allOver;
  await world.runner.stop();
  expect(world.stored.get('a1')?.state).toBe('SUCCEEDED');
});

test('waits for a record that is away, however long', async () => {
  let tries = 0;
  const world = setup([operationOf('a', 'a1')], {
    slices: 1,
    scan: () => {
      tries += 1;
      if (tries <= 100) throw unavailable('RECORD_UNAVAILABLE', 'nobody answers');
    },
  });
  world.runner.start();
  await world.allOver;
  await world.runner.stop();
  expect(world.stored.get('a1')).toMatchObject({ state: 'SUCCEEDED', done: 2 });
  expect(tries).toBe(101);
});

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test('learns within a second of operations that began elsewhere, and of those that ended there', async () => {
  const clock = new FakeClock();
  let isFirst = true;
  let taken: () => void = () => undefined;
  const looked = new Promise<void>((resolve) => {
    taken = resolve;
  });
  const world = setup([], {
    clock,
    slices: 1_000,
    scan: () => {
      if (isFirst) taken();
      isFirst = false;
    },
  });
  world.runner.start();
  await settled();
  const begun = operationOf('a', 'a1');
  world.stored.set('a1', begun);
  clock.advance(1_000);
  await looked;
  expect(world.stored.get('a1')?.endTime).toBeNull();

  world.stored.set('a1', { ...begun, state: 'CANCELLED', endTime: 2 });
  for (let i = 0; i < 40; i++) {
    await settled();
    clock.advance(50);
  }
  const steps = world.steps.length;
  for (let i = 0; i < 40; i++) {
    await settled();
    clock.advance(50);
  }
  expect(world.steps).toHaveLength(steps);
  await world.runner.stop();
});

test('starts again after a stop with what the record has then', async () => {
  const world = setup([operationOf('a', 'a1')]);
  world.runner.start();
  await world.allOver;
  await world.runner.stop();
  world.runner.changed(operationOf('a', 'gone'));
  world.stored.set('b1', operationOf('b', 'b1'));
  world.runner.start();
  while (world.stored.get('b1')?.endTime === null) await settled();
  await world.runner.stop();
  expect(world.stored.get('b1')?.state).toBe('SUCCEEDED');
  expect(world.steps).not.toContain('gone');
});
