import { afterAll, beforeAll, expect, test } from 'vitest';
import { clockFindings } from '../../src/clock-findings.js';
import { run } from '../cli/support/world.js';
import { migrateDatabase } from '../support/fleet-process.js';
import { startReeve } from '../support/reeve-process.js';
import { startServe } from '../support/serve-process.js';
import { type PostgresServer, startPostgres } from '../support/servers/postgres-server.js';
import { type RedisServer, startRedis } from '../support/servers/redis-server.js';

const SECRET = 'hunter2';
let postgres: PostgresServer;
let redis: RedisServer;
let urls: { postgresUrl: string; redisUrl: string };
beforeAll(async () => {
  [postgres, redis] = await Promise.all([
    startPostgres({ password: SECRET }),
    startRedis({ args: ['--requirepass', SECRET] }),
  ]);
  const postgresUrl = await postgres.createDatabase();
  await migrateDatabase(postgresUrl);
  urls = { postgresUrl, redisUrl: redis.url.replace('redis://', `redis://:${SECRET}@`) };
});
afterAll(async () => {
  await postgres.stop();
  await redis.stop();
});

interface Report {
  readonly ok: boolean;
  readonly postgres: string | null;
  readonly redis: string | null;
  readonly findings: readonly { readonly about: string; readonly check: string; readonly level: string }[];
}

/** Runs `reeve doctor` with the two URLs. Whatever it finds, it does not say the passwords. */
async function doctor(changed: Partial<typeof urls> = {}, args: readonly string[] = []) {
  const { postgresUrl, redisUrl } = { ...urls, ...changed };
  const child = startReeve({
    args: ['doctor', '--log-level', 'debug', ...args],
    env: { REEVE_POSTGRES_URL: postgresUrl, REEVE_REDIS_URL: redisUrl },
  });
  const { code } = await child.exited;
  expect(child.stdout() + child.stderr()).not.toContain(SECRET);
  return { code, stdout: child.stdout(), stderr: child.stderr() };
}

test('as JSON: where the stores are, all findings, and whether the exit code is 0', async () => {
  const { code, stdout } = await doctor({}, ['-o', 'json']);
  const { findings, ...report }: Report = JSON.parse(stdout);
  const { host, pathname } = new URL(urls.postgresUrl);
  expect(report).toEqual({ ok: false, postgres: host + pathname, redis: `127.0.0.1:${redis.port}` });
  // The servers of tests do not write through to the disk.
  expect(findings.filter(({ level, check }) => level === 'error' && check !== 'disk')).toMatchObject([
    { check: 'durability' },
  ]);
  expect(new Set(findings.map(({ about }) => about))).toEqual(new Set(['postgres', 'redis', 'clocks']));
  expect(code).toBe(1);
});

test('for people: a line each, with why and what to do, and a count', async () => {
  const { code, stdout, stderr } = await doctor({}, ['-o', 'table']);
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^error +postgres durability +fsync is off\n +A power cut can .*\n +fix: ALTER SYSTEM/m,
  );
  expect(stdout).toMatch(/^ok +clocks skew +/m);
  expect(stderr).toMatch(/1 error, \d+ warning, \d+ note, \d+ ok/);
});

test('a wrong password, of either', async () => {
  const wrong = (url: string) => Object.assign(new URL(url), { password: 'wrong' }).href;
  const { code, stdout } = await doctor({
    postgresUrl: wrong(urls.postgresUrl),
    redisUrl: wrong(urls.redisUrl),
  });
  expect(code).toBe(1);
  expect(JSON.parse(stdout).findings).toEqual([
    expect.objectContaining({
      about: 'postgres',
      level: 'error',
      what: expect.stringMatching(/password authentication failed/),
      fix: expect.stringContaining('Correct user, password or rights'),
    }),
    expect.objectContaining({
      about: 'redis',
      level: 'error',
      what: expect.stringContaining('WRONGPASS'),
      fix: expect.stringContaining('Correct user, password or rights'),
    }),
  ]);
});

test('URLs that nobody has set are findings as others are', async () => {
  const { code, stdout } = await doctor({ postgresUrl: '', redisUrl: '' });
  expect(code).toBe(1);
  expect(JSON.parse(stdout).findings).toMatchObject([
    {
      about: 'postgres',
      what: 'postgres-url is not set',
      fix: expect.stringContaining('REEVE_POSTGRES_URL='),
    },
    { about: 'redis', what: 'redis-url is not set', fix: expect.stringContaining('REEVE_REDIS_URL=') },
  ]);
});

test.each([
  ['ok', [], 0],
  ['note', ['--strict'], 0],
  ['warning', [], 0],
  ['warning', ['--strict'], 1],
  ['error', [], 1],
] as const)('the exit code of a finding of level %s, with %j, is %i', async (level, args, exit) => {
  const finding = { about: 'redis', check: 'memory', level, what: 'so it is' } as const;
  const report = { postgres: 'db:5432/reeve', redis: 'redis:6379', findings: [finding] };
  const ran = await run(['doctor', ...args, '-o', 'jsonl'], { doctor: async () => report });
  expect(ran.code).toBe(exit);
  expect(JSON.parse(ran.stdout)).toEqual(finding);
});

test('clocks are compared with each other too', () => {
  const offsets = [
    { name: 'Postgres', ms: -20_000 },
    { name: 'Redis', ms: 20_000 },
  ];
  expect(clockFindings(offsets)).toMatchObject([
    { level: 'error', what: 'Redis is 40.0 s ahead of Postgres' },
  ]);
  expect(clockFindings([])).toEqual([]);
});

test('counts the coordinators that there are', async () => {
  const started = await Promise.all([startServe(urls), startServe(urls)]);
  const { stdout } = await doctor({}, ['-o', 'json']);
  const { findings }: Report = JSON.parse(stdout);
  expect(findings.filter(({ check }) => check === 'coordinators')).toMatchObject([
    { what: expect.stringMatching(/^2 listen now, on 127\.0\.0\.1/) },
  ]);
  await Promise.all(started.map((one) => one.stop()));
});
