import { expect, test } from 'vitest';
import type { TaskHappening } from '../../src/handlers/event.js';
import { DEADLINE_MS, type Handler, HandlerLine, MAX_WAITING } from '../../src/handlers/handler-line.js';
import { FakeClock } from '../support/fake-clock.js';
import { SILENT } from '../support/pglite-record.js';
import { happening } from './support/happenings.js';

function setup(handler: Handler) {
  const clock = new FakeClock();
  const counts: Record<string, number> = {};
  const lines: object[] = [];
  const line = new HandlerLine({
    name: 'it',
    handler,
    clock,
    log: { ...SILENT, warn: (fields) => lines.push(fields) },
    count: (_, outcome, count) => {
      counts[outcome] = (counts[outcome] ?? 0) + count;
    },
  });
  return { clock, counts, lines, line };
}

const settled = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

/** Calls that end when the test says so. */
function held() {
  const calls: { readonly event: TaskHappening; readonly end: (error?: Error) => void }[] = [];
  const handler: Handler = (event) =>
    new Promise<void>((resolve, reject) => {
      const end = (error?: Error) => (error ? reject(error) : resolve());
      calls.push({ event: event as TaskHappening, end });
    });
  const names = () => calls.map(({ event }) => `${event.taskId}${event.seq}`);
  return { calls, handler, names };
}

test('a handler that returns at once is told of everything in its order', () => {
  const told: string[] = [];
  const { line, counts } = setup((event) => {
    told.push(`${(event as TaskHappening).taskId}${event.seq}`);
  });
  for (const [id, seq] of [
    ['a', 1],
    ['b', 1],
    ['a', 2],
  ] as const)
    line.add(happening(id, seq));

  expect(told).toEqual(['a1', 'b1', 'a2']);
  expect(counts).toEqual({ ok: 3 });
});

test('events of one task wait for each other, those of others do not', async () => {
  const { calls, handler, names } = held();
  const { line } = setup(handler);
  for (const [id, seq] of [
    ['a', 1],
    ['a', 2],
    ['b', 1],
    ['a', 3],
  ] as const)
    line.add(happening(id, seq));
  expect(names()).toEqual(['a1', 'b1']);

  calls[0]?.end();
  await settled();
  expect(names()).toEqual(['a1', 'b1', 'a2']);
  calls[2]?.end(new Error('no'));
  await settled();
  expect(names()).toEqual(['a1', 'b1', 'a2', 'a3']);
});

test('one that throws or rejects is told of what comes after, and counted', async () => {
  let calls = 0;
  const { line, counts, lines } = setup(() => {
    calls += 1;
    if (calls === 1) throw new Error('thrown');
    if (calls === 2) return Promise.reject(new Error('rejected'));
    return undefined;
  });
  for (const seq of [1, 2, 3]) line.add(happening('a', seq));
  await settled();

  expect(calls).toBe(3);
  expect(counts).toEqual({ failed: 2, ok: 1 });
  expect(lines).toMatchObject([{ handler: 'it', outcome: 'failed', err: { message: 'thrown' } }]);
});

test('failures are logged once a second, with how many there were', () => {
  const { line, lines, clock } = setup(() => {
    throw new Error('no');
  });
  for (let seq = 1; seq <= 100; seq++) line.add(happening('a', seq));
  expect(lines).toMatchObject([{ events: 1 }]);
  clock.advance(1_000);
  line.add(happening('a', 101));
  expect(lines).toMatchObject([{ events: 1 }, { events: 100 }]);
});

test('a call that does not end is given up after its deadline, and what comes of it later is nothing', async () => {
  const { calls, handler, names } = held();
  const { line, counts, clock } = setup(handler);
  line.add(happening('a', 1));
  line.add(happening('a', 2));
  clock.advance(DEADLINE_MS - 1);
  expect(names()).toEqual(['a1']);
  clock.advance(1);
  expect(names()).toEqual(['a1', 'a2']);

  calls[0]?.end(new Error('too late'));
  calls[1]?.end();
  await settled();
  expect(counts).toEqual({ timed_out: 1, ok: 1 });
});

test('at most 10,000 events wait; what does not fit is counted as dropped', () => {
  const { handler, calls } = held();
  const { line, counts } = setup(handler);
  for (let i = 0; i < MAX_WAITING + 40; i++) line.add(happening(`t${i}-`, 1));

  expect(calls).toHaveLength(32);
  expect(line.waiting).toBe(MAX_WAITING);
  expect(counts).toEqual({ dropped: 8 });
});

test('one that was ended is never called again', async () => {
  const { calls, handler } = held();
  const { line } = setup(handler);
  line.add(happening('a', 1));
  line.add(happening('a', 2));
  line.end();
  line.add(happening('b', 1));
  calls[0]?.end();
  await settled();

  expect(calls).toHaveLength(1);
  await line.idle();
});

test('others get their turn while a slow handler works off what has come', () => {
  let now = 0;
  const turns: (() => void)[] = [];
  let calls = 0;
  const line = new HandlerLine({
    name: 'it',
    clock: {
      now: () => now,
      monotonic: () => now,
      after(_, turn) {
        turns.push(turn);
        return () => {};
      },
    },
    log: SILENT,
    count: () => {},
    handler() {
      calls += 1;
      // A burst comes while it is called.
      if (calls === 1) for (let i = 0; i < 5; i++) line.add(happening(`t${i}`, 1));
      now += 4;
    },
  });
  line.add(happening('a', 1));
  expect(calls).toBe(3);
  turns.shift()?.();
  expect([calls, turns.length]).toEqual([6, 0]);
});
