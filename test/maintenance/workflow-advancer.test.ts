import { expect, test } from 'vitest';
import { unavailable } from '../../src/domain/errors.js';
import { createWorkflowAdvancer } from '../../src/maintenance/workflow-advancer.js';
import type { WorkflowKey } from '../../src/ports/workflow-record.js';
import type { Advanced } from '../../src/usecases/workflows/advance.js';
import { FakeClock } from '../support/fake-clock.js';

const DONE: Advanced = { kind: 'DONE', open: 0 };
const keyOf = (workflowId: string, org = 'org'): WorkflowKey => ({ org, workflowId });

/** An advancer whose advances are answered by hand. */
function setup() {
  const clock = new FakeClock();
  const begun: string[] = [];
  const absorbed: boolean[] = [];
  const given: string[] = [];
  const open = new Map<string, { resolve(advanced: Advanced): void; reject(error: unknown): void }>();
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const advancer = createWorkflowAdvancer({
    clock,
    log,
    advance: ({ workflowId }, { absorbs }) => {
      begun.push(workflowId);
      absorbed.push(absorbs);
      return new Promise((resolve, reject) => open.set(workflowId, { resolve, reject }));
    },
    giveUp: async ({ workflowId }) => {
      given.push(workflowId);
    },
  });
  advancer.start();
  /** What can go on goes on. */
  const settle = async () => {
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };
  return {
    ...{ advancer, clock, begun, absorbed, given },
    async answer(workflowId: string, advanced: Advanced = DONE) {
      open.get(workflowId)?.resolve(advanced);
      await settle();
    },
    async fail(workflowId: string, error: unknown = new Error('broken')) {
      open.get(workflowId)?.reject(error);
      await settle();
    },
  };
}

test('a workflow is advanced once at a time, and again if it was woken meanwhile', async () => {
  const w = setup();
  w.advancer.wake([keyOf('a')]);
  w.advancer.wake([keyOf('a')]);
  w.advancer.wake([keyOf('a')], { isDue: true });
  expect(w.begun).toEqual(['a']);
  await w.answer('a');
  expect(w.begun).toEqual(['a', 'a']);
  expect(w.absorbed).toEqual([false, true]);
  await w.answer('a');
  w.clock.advance(10_000);
  expect(w.begun).toEqual(['a', 'a']);
  w.advancer.wake([keyOf('a')]);
  expect(w.begun).toHaveLength(3);
});

test('with many open tasks it rests before it is looked at again, with few it does not', async () => {
  const w = setup();
  w.advancer.wake([keyOf('a')]);
  await w.answer('a', { kind: 'DONE', open: 500 });
  for (let i = 0; i < 100; i++) w.advancer.wake([keyOf('a')]);
  expect(w.begun).toHaveLength(1);
  w.clock.advance(49);
  expect(w.begun).toHaveLength(1);
  w.clock.advance(1);
  expect(w.begun).toHaveLength(2);
  await w.answer('a', { kind: 'DONE', open: 3 });
  w.advancer.wake([keyOf('a')]);
  expect(w.begun).toHaveLength(3);
});

test('organisations take turns, and of one no more than 16 workflows go side by side', async () => {
  const w = setup();
  w.advancer.wake(Array.from({ length: 30 }, (_, i) => keyOf(`many-${i}`, 'many')));
  w.advancer.wake([keyOf('one', 'few'), keyOf('two', 'few')]);
  expect(w.begun).toHaveLength(18);
  expect(w.begun.slice(16)).toEqual(['one', 'two']);
  for (let i = 0; i < 4; i++) await w.answer(`many-${i}`);
  expect(w.begun).toHaveLength(22);
  await w.answer('one');
  expect(w.begun).toHaveLength(22);
});

test('organisations whose workflows take long leave room for others, and all together have 64 side by side', async () => {
  const w = setup();
  const slow = (org: string) => Array.from({ length: 20 }, (_, i) => keyOf(`${org}-${i}`, org));
  w.advancer.wake([...slow('a'), ...slow('b'), ...slow('c')]);
  expect(w.begun).toHaveLength(48);
  w.advancer.wake([keyOf('quick', 'other')]);
  expect(w.begun.at(-1)).toBe('quick');
  await w.answer('quick');
  w.advancer.wake([...slow('d'), ...slow('e')]);
  const begunOf = (org: string) => w.begun.filter((id) => id.startsWith(`${org}-`)).length;
  expect(['a', 'b', 'c', 'd', 'e'].map(begunOf)).toEqual([16, 16, 16, 8, 8]);
  for (let i = 0; i < 6; i++) await w.answer(`a-${i}`);
  // Those that have waited since before do not go first each time.
  expect(begunOf('d')).toBeGreaterThan(8);
  expect(begunOf('e')).toBeGreaterThan(8);
  expect(w.begun).toHaveLength(49 + 16 + 6);
});

test('one that fails waits longer each time, and is given up in the end', async () => {
  const w = setup();
  w.advancer.wake([keyOf('a')]);
  await w.fail('a');
  w.clock.advance(100);
  expect(w.begun).toHaveLength(1);
  w.clock.advance(100);
  expect(w.begun).toHaveLength(2);
  for (let i = 2; i < 10; i++) {
    await w.fail('a');
    expect(w.given).toEqual([]);
    w.clock.advance(60_000);
  }
  await w.fail('a');
  expect(w.given).toEqual(['a']);
});

test('while the record is away nothing is given up', async () => {
  const w = setup();
  w.advancer.wake([keyOf('a')]);
  for (let i = 0; i < 40; i++) {
    await w.fail('a', unavailable('RECORD_UNAVAILABLE', 'away'));
    w.clock.advance(1_000);
  }
  expect(w.begun).toHaveLength(41);
  expect(w.given).toEqual([]);
});

test('after its stop nothing begins', async () => {
  const w = setup();
  w.advancer.wake([keyOf('a')]);
  const stopped = w.advancer.stop();
  w.advancer.wake([keyOf('a'), keyOf('b')]);
  await w.answer('a', { kind: 'MORE', open: 0 });
  await stopped;
  w.clock.advance(10_000);
  expect(w.begun).toEqual(['a']);
});
