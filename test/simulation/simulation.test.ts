import { execFile } from 'node:child_process';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundle } from '../../scripts/bundle.mjs';
import { EventQueue } from './event-queue.js';
import { replayCommand } from './replay.js';
import { simulate } from './simulate.js';

const SIZE = { coordinators: 3, agents: 4, tasks: 12 };

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('the program', () => {
  let program: string;
  beforeAll(async () => {
    program = await bundle('test/simulation');
  });

  const run = (...args: readonly string[]): Promise<Ended> =>
    new Promise((resolve) => {
      execFile(process.execPath, [program, ...args], { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
      });
    });
  const sized = ['--coordinators', '3', '--agents', '4', '--tasks', '12'];

  test('two thousand schedules of crashes, freezes and losses keep every promise', async () => {
    const ends = await Promise.all(
      [1, 1_001].map((seed) => run('--schedules', '1000', '--seed', String(seed), ...sized)),
    );

    for (const { code, stdout } of ends) {
      expect(stdout).toMatch(/^1000 schedules from seed \d+: 0 with violations\./);
      expect(code).toBe(0);
    }
  }, 300_000);

  test('one schedule is told in full, and the same again by its seed', async () => {
    const args = ['--schedules', '1', '--seed', '7', ...sized];
    const [first, second] = [await run(...args), await run(...args)];
    const history = ({ stdout }: Ended) => stdout.split('\n').slice(0, -2);

    expect(history(first).length).toBeGreaterThan(50);
    expect(history(first)).toEqual(history(second));
    expect(replayCommand(7, SIZE)).toBe(`npm run simulate -- ${args.join(' ')}`);
  });

  test('help and what it does not understand', async () => {
    expect(await run('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('--seed S') });
    for (const args of [['--schedules', '0'], ['--agents', '1'], ['--frobnicate']]) {
      expect(await run(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining('Usage:') });
    }
  });
});

test('the same seed gives the same history and the same record, another seed another', async () => {
  for (const seed of [11, 12, 13]) {
    const [a, b] = [await simulate(seed, SIZE), await simulate(seed, SIZE)];
    const trails = (outcome: typeof a) => [...outcome.tables.tasks.values()].map(({ events }) => events);

    expect(b.trace.lines()).toEqual(a.trace.lines());
    expect(trails(b)).toEqual(trails(a));
    expect([b.events, b.ms]).toEqual([a.events, a.ms]);
    expect((await simulate(seed + 100, SIZE)).trace.lines()).not.toEqual(a.trace.lines());
  }
});

test('schedules are as rich as they are meant to be', async () => {
  const seen = new Map<string, number>();
  for (let seed = 1; seed <= 250; seed++) {
    const { tables, trace } = await simulate(seed, SIZE);
    const types = [...tables.tasks.values()].flatMap(({ events }) => events.map(({ type }) => type));
    const faults = trace
      .lines()
      .map((line) => line.replace(/^\s*\S+\s+\S+\s+/, '').replace(/ for \d+ ms/, ''));
    for (const name of [...types, ...faults]) seen.set(name, (seen.get(name) ?? 0) + 1);
  }
  const happened = [
    ...['SUBMITTED', 'QUEUED', 'CLAIMED', 'ACCEPTED', 'RETURNED', 'SUCCEEDED', 'FAILED', 'LEASE_EXPIRED'],
    ...['ATTEMPT_TIMED_OUT', 'CANCEL_REQUESTED', 'CANCELLED', 'RETRIED', 'BLOCKED', 'UNBLOCKED', 'SKIPPED'],
    ...['URGENCY_INHERITED', 'UPDATED', 'DEADLINE_PASSED', 'ROUTED', 'PREEMPTION_BEGUN', 'PREEMPTED'],
    ...['dies', 'starts', 'freezes', 'thaws', 'drains', 'dies, and its next process knows what it held'],
  ];

  expect(happened.filter((name) => (seen.get(name) ?? 0) < 3)).toEqual([]);
});

test('between two events of virtual time everything that can go on has gone on', async () => {
  const queue = new EventQueue();
  const seen: string[] = [];
  const hops = async (name: string) => {
    for (let i = 0; i < 1_000; i++) await Promise.resolve();
    seen.push(`${name} at ${queue.now}`);
  };
  queue.after(5, () => void hops('second'));
  queue.after(1, () => void hops('first'));
  const cancel = queue.after(2, () => seen.push('cancelled'));
  cancel();
  queue.after(90, () => seen.push('too late'));

  expect(await queue.run(() => false, 50)).toBe(false);
  expect(seen).toEqual(['first at 1', 'second at 5']);
});
