import { expect, test } from 'vitest';
import { createLeader } from '../../src/maintenance/leader.js';
import { createTerm, isNotLeading } from '../../src/maintenance/term.js';
import { createTicker } from '../../src/maintenance/ticker.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Leadership } from '../../src/ports/leadership.js';
import { FakeClock } from '../support/fake-clock.js';
import { createMemoryLeadership } from '../support/memory-leadership.js';
import { SILENT } from '../support/pglite-record.js';

const TTL_MS = 4_000;
const TAKEOVER_MS = 5_000;

/** A clock of a process that can be frozen: its timers fire when it goes on, all at once. */
class ProcessClock implements Clock {
  readonly #real: FakeClock;
  #held: (() => void)[] | null = null;
  constructor(real: FakeClock) {
    this.#real = real;
  }
  now = () => this.#real.now();
  monotonic = () => this.#real.monotonic();
  after(ms: number, fn: () => void): () => void {
    let cancelled = false;
    const fire = () => cancelled || fn();
    const cancel = this.#real.after(ms, () => (this.#held ? this.#held.push(fire) : fire()));
    return () => {
      cancelled = true;
      cancel();
    };
  }
  freeze(): void {
    this.#held ??= [];
  }
  thaw(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const fire of held) fire();
  }
}

interface Act {
  readonly holder: string;
  readonly at: number;
}

/** Processes that ask one leadership; whoever leads acts four times a second, through a guarded port. */
function setup(holders: readonly string[], wrap = (leadership: Leadership, _holder: string) => leadership) {
  const time = new FakeClock();
  const shared = createMemoryLeadership(time);
  const acts: Act[] = [];
  const processes = holders.map((holder) => {
    const clock = new ProcessClock(time);
    const term = createTerm(clock);
    const asked: number[] = [];
    const counts = { starts: 0, stops: 0, refused: 0 };
    const port = term.guard({ act: async () => void acts.push({ holder, at: time.now() }) });
    const ticker = createTicker({
      name: 'acting',
      clock,
      log: SILENT,
      everyMs: 250,
      tick: () =>
        port.act().then(
          () => false,
          (error: unknown) => {
            if (isNotLeading(error)) counts.refused += 1;
            throw error;
          },
        ),
    });
    const leadership = wrap(shared, holder);
    const leader = createLeader({
      leadership: {
        hold(...args) {
          asked.push(time.now());
          return leadership.hold(...args);
        },
        giveBack: (...args) => leadership.giveBack(...args),
      },
      holder,
      term,
      clock,
      log: SILENT,
      services: [
        {
          start() {
            counts.starts += 1;
            ticker.start();
          },
          async stop() {
            counts.stops += 1;
            await ticker.stop();
          },
        },
      ],
    });
    return { holder, clock, term, leader, asked, counts };
  });
  return {
    time,
    acts,
    processes,
    of: (holder: string) => {
      const found = processes.find((process) => process.holder === holder);
      if (!found) throw new Error(`no ${holder}`);
      return found;
    },
    /** Lets time pass, and what it sets off happen. */
    async pass(ms: number): Promise<void> {
      for (let left = ms; left > 0; left -= 50) {
        await settled();
        time.advance(Math.min(50, left));
      }
      await settled();
    },
    /** Who has acted since there were so many acts. */
    since: (count: number) => new Set(acts.slice(count).map(({ holder }) => holder)),
  };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test('one of several leads and acts, the others do nothing', async () => {
  const w = setup(['a', 'b', 'c']);
  for (const { leader } of w.processes) leader.start();
  await w.pass(20_000);
  expect(w.since(0)).toEqual(new Set(['a']));
  expect(w.processes.map(({ counts }) => counts.starts)).toEqual([1, 0, 0]);
  expect(w.processes.map(({ term }) => term.leads())).toEqual([true, false, false]);
});

test('another takes over within five seconds after a leader has gone without a word', async () => {
  const w = setup(['a', 'b', 'c']);
  for (const { leader } of w.processes) leader.start();
  const gone: string[] = [];
  for (const restMs of [3_500, 3_777]) {
    await w.pass(restMs);
    const [leading] = w.processes.filter(({ term }) => term.leads());
    if (!leading) throw new Error('nobody leads');
    leading.clock.freeze();
    gone.push(leading.holder);
    const acts = w.acts.length;
    await w.pass(TAKEOVER_MS);
    expect([...w.since(acts)]).toEqual([expect.not.stringMatching(new RegExp(gone.join('|')))]);
  }
  expect(gone).toHaveLength(2);
  // Never two at once: whoever has begun goes on until it is gone.
  const order = w.acts.map(({ holder }) => holder).filter((holder, i, all) => holder !== all[i - 1]);
  expect(new Set(order).size).toBe(order.length);
});

test('who was frozen past its time does nothing when it wakes until it has asked, and then not if another leads', async () => {
  const w = setup(['a', 'b']);
  for (const { leader } of w.processes) leader.start();
  await w.pass(2_000);
  const a = w.of('a');
  a.clock.freeze();
  await w.pass(10_000);
  expect(w.of('b').term.leads()).toBe(true);

  const acts = w.acts.length;
  const asked = a.asked.length;
  a.clock.thaw();
  await w.pass(20_000);
  expect(w.since(acts)).toEqual(new Set(['b']));
  expect(a.asked.length).toBeGreaterThan(asked + 1);
  expect(a.counts).toMatchObject({ starts: 1, stops: 1 });
});

test('who was frozen while nobody else was there begins anew when it has asked', async () => {
  const w = setup(['a']);
  w.of('a').leader.start();
  await w.pass(2_000);
  w.of('a').clock.freeze();
  await w.pass(10_000);
  const acts = w.acts.length;
  w.of('a').clock.thaw();
  // Before its question is answered, and whatever it was about to do.
  expect(w.acts).toHaveLength(acts);
  await w.pass(2_000);
  expect(w.acts.length).toBeGreaterThan(acts);
  expect(w.of('a').counts).toMatchObject({ starts: 2, stops: 1 });
});

test.each([
  ['refuses', () => Promise.reject(new Error('away'))],
  ['does not answer', () => new Promise<never>(() => undefined)],
] as const)('a leader whose record %s stops before its time is over', async (_, fails) => {
  let away = false;
  const w = setup(['a', 'b'], (leadership, holder) => ({
    ...leadership,
    hold: (...args) => (away && holder === 'a' ? fails() : leadership.hold(...args)),
  }));
  for (const { leader } of w.processes) leader.start();
  await w.pass(2_000);
  away = true;
  const renewed = w.of('a').asked.at(-1) ?? 0;
  await w.pass(10_000);
  const last = w.acts.filter(({ holder }) => holder === 'a').at(-1)?.at ?? 0;
  expect(last).toBeLessThan(renewed + TTL_MS);
  expect(w.acts.find(({ holder }) => holder === 'b')?.at).toBeGreaterThanOrEqual(renewed + TTL_MS);
  expect(w.of('a').counts).toMatchObject({ starts: 1, stops: 1 });

  // It goes on asking, and leads again once the other one has stopped.
  away = false;
  await w.of('b').leader.stop();
  await w.pass(5_000);
  expect(w.of('a').term.leads()).toBe(true);
});

test('an answer that comes too late makes nobody a leader', async () => {
  const answers: (() => void)[] = [];
  const w = setup(['a'], (leadership) => ({
    ...leadership,
    async hold(...args) {
      const answer = await leadership.hold(...args);
      await new Promise<void>((resolve) => answers.push(resolve));
      return answer;
    },
  }));
  w.of('a').leader.start();
  await w.pass(3_500);
  answers.shift()?.();
  await w.pass(200);
  expect(w.acts).toEqual([]);
  expect(w.of('a').counts.starts).toBe(0);
});

test('a clean stop lets the next one lead at its next question; a stopped one can start again', async () => {
  const w = setup(['a', 'b']);
  for (const { leader } of w.processes) leader.start();
  await w.pass(3_000);
  await w.of('a').leader.stop();
  await w.of('a').leader.stop();
  const acts = w.acts.length;
  await w.pass(1_050);
  expect(w.since(acts)).toEqual(new Set(['b']));
  expect(w.of('a').counts).toMatchObject({ starts: 1, stops: 1 });

  w.of('a').leader.start();
  await w.pass(2_000);
  await w.of('b').leader.stop();
  await w.pass(1_050);
  expect(w.of('a').term.leads()).toBe(true);
  expect(w.of('a').counts).toMatchObject({ starts: 2, stops: 1 });
});

test('what is guarded is refused to who does not lead, whatever it was doing', async () => {
  const clock = new FakeClock();
  const term = createTerm(clock);
  const done: string[] = [];
  const port = term.guard({
    name: 'port',
    async write(what: string) {
      done.push(what);
      return done.length;
    },
  });
  expect(port.name).toBe('port');
  await expect(port.write('before')).rejects.toMatchObject({ code: 'ABORTED', reason: 'NOT_LEADING' });
  term.prolong(clock.monotonic() + 100);
  expect(await port.write('during')).toBe(1);
  clock.advance(100);
  await expect(port.write('after')).rejects.toSatisfy(isNotLeading);
  expect(done).toEqual(['during']);
});
