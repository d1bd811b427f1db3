import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { explain, type Failure } from '../../src/cli/failure.js';
import { ReeveError } from '../../src/domain/errors.js';
import { openServer } from '../../src/postgres/drivers/server.js';
import { migrate, readMigrations } from '../../src/postgres/migrate.js';
import { startServe } from '../../src/serve.js';
import { type RawSettings, resolveSettings } from '../../src/settings/resolve-settings.js';
import type { Settings } from '../../src/settings/table.js';
import { startFailure } from '../../src/start-failure.js';
import { createLog } from '../../src/telemetry/log.js';
import { SILENT } from '../support/pglite-record.js';
import { spawnServe } from '../support/serve-process.js';
import { type PostgresServer, startPostgres } from '../support/servers/postgres-server.js';
import { type RedisServer, startRedis } from '../support/servers/redis-server.js';
import { olderServer } from './support/older-server.js';

const TIMEOUT_MS = 60_000;
const SECRET = 'hunter2';
let postgres: PostgresServer;
let redis: RedisServer;
let urls: { postgresUrl: string; redisUrl: string };
beforeAll(async () => {
  [postgres, redis] = await Promise.all([
    startPostgres({ password: SECRET }),
    startRedis({ args: ['--requirepass', SECRET] }),
  ]);
  urls = {
    postgresUrl: await databaseAfter(''),
    redisUrl: redis.url.replace('redis://', `redis://:${SECRET}@`),
  };
});
afterAll(async () => {
  await postgres.stop();
  await redis.stop();
});

interface Options {
  readonly postgresUrl?: string;
  readonly redisUrl?: string;
  readonly flags?: RawSettings;
}

function settingsOf({ postgresUrl, redisUrl, flags }: Options): Settings {
  const env = {
    REEVE_POSTGRES_URL: postgresUrl ?? urls.postgresUrl,
    REEVE_REDIS_URL: redisUrl ?? urls.redisUrl,
  };
  const others = { 'insecure-open': true, port: 0, 'http-port': 0, 'store-wait': '0s' };
  return resolveSettings({ env, flags: { ...others, ...flags } }).values;
}

/** Starts a coordinator in this process. */
async function start(options: Options) {
  const lines: string[] = [];
  const write = (line: string) => lines.push(line);
  const log = createLog({ level: 'debug', write });
  const starting = startServe({ settings: settingsOf(options), log, version: '0.0.0-test', say: write });
  const coordinator = await starting.finally(() => expect(lines.join('')).not.toContain(SECRET));
  return { coordinator, lines };
}

/** What a person is told of a start that is refused. Whatever is wrong, nothing says the password. */
async function refusalOf(options: Options): Promise<Failure> {
  const error = await start(options).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  const known = error instanceof ReeveError ? startFailure(error, 'serve') : error;
  const failure = explain(known, { command: 'reeve serve', address: '' });
  expect(JSON.stringify(failure)).not.toContain(SECRET);
  return failure;
}

function changed(url: string, change: (url: URL) => void): string {
  const other = new URL(url);
  change(other);
  return other.href;
}

const placeOf = (url: string) => new URL(url).host + new URL(url).pathname;

/** Runs SQL in a database of its own, whose schema is up to date. */
async function databaseAfter(sql: string, migrated = true): Promise<string> {
  const url = await postgres.createDatabase();
  const db = openServer({ url, log: SILENT });
  if (migrated) await migrate(db);
  await db.exec(sql);
  await db.close();
  return url;
}

test(
  'the process says what is wrong and ends with the exit code, a login that hangs or not',
  async () => {
    const postgresUrl = changed(urls.postgresUrl, (to) => Object.assign(to, { password: '' }));
    const args = ['--log-level', 'debug'];
    const refused = spawnServe({ ...urls, postgresUrl, args });
    const { code } = await refused.exited;
    expect([code, refused.stdout()]).toEqual([21, '']);
    const told = refused
      .stderr()
      .split('\n')
      .find((line) => line.startsWith('{"code"'));
    expect(JSON.parse(told ?? '')).toMatchObject({ code: 'RECORD_REFUSED', retryable: false });
    expect(refused.stderr()).not.toContain(SECRET);
  },
  TIMEOUT_MS,
);

test('without authentication it has to be told so in so many words', async () => {
  expect(await refusalOf({ flags: { 'insecure-open': false } })).toMatchObject({
    exit: 2,
    code: 'AUTHENTICATION_MISSING',
    hint: expect.stringContaining('--insecure-open'),
  });
});

test('URLs that nobody has set are named, all at once, with the variables', async () => {
  expect(await refusalOf({ postgresUrl: '', redisUrl: '' })).toMatchObject({
    exit: 2,
    code: 'INVALID_SETTING',
    message: expect.stringMatching(/^postgres-url: [\s\S]*\nredis-url: /),
    hint: expect.stringContaining('REEVE_POSTGRES_URL and REEVE_REDIS_URL'),
  });
});

test('a port that is taken, and no other takes its place', async () => {
  const taken = Number(new URL(redis.url).port);
  expect(await refusalOf({ flags: { port: taken } })).toMatchObject({
    exit: 2,
    code: 'EADDRINUSE',
    message: `127.0.0.1:${taken} is taken`,
  });
});

test('a port where nobody is', async () => {
  const nowhere = (url: string) => changed(url, (to) => Object.assign(to, { port: '1' }));
  const postgresUrl = nowhere(urls.postgresUrl);
  expect(await refusalOf({ postgresUrl })).toMatchObject({
    exit: 20,
    code: 'STORE_UNREACHABLE',
    message: expect.stringMatching(
      new RegExp(
        `^Postgres at ${placeOf(postgresUrl)} was not there from 20.* until 20.*: connect ECONNREFUSED`,
      ),
    ),
  });
  expect(await refusalOf({ redisUrl: nowhere(urls.redisUrl) })).toMatchObject({
    exit: 20,
    code: 'STORE_UNREACHABLE',
    message: expect.stringMatching(/^Redis at 127.0.0.1:1 was not there .*ECONNREFUSED/),
  });
});

test('a host that no name server knows', async () => {
  const redisUrl = changed(urls.redisUrl, (to) => Object.assign(to, { hostname: 'nowhere.invalid' }));
  expect(await refusalOf({ redisUrl })).toMatchObject({
    exit: 20,
    message: expect.stringMatching(/^Redis at nowhere\.invalid:\d+ was not there/),
  });
});

test.each([
  ['a wrong one', 'wrong'],
  ['none', ''],
])('a password that is %s', async (_, password) => {
  const login = (url: string) => changed(url, (to) => Object.assign(to, { password }));
  expect(await refusalOf({ postgresUrl: login(urls.postgresUrl) })).toMatchObject({
    exit: 21,
    code: 'RECORD_REFUSED',
    message: expect.stringMatching(/^Postgres at \S+: Postgres does not let us in: .*password/),
  });
  expect(await refusalOf({ redisUrl: login(urls.redisUrl) })).toMatchObject({
    exit: 21,
    code: 'INDEX_REFUSED',
    message: expect.stringMatching(/^Redis at \S+: Redis does not let us in: (WRONGPASS|NOAUTH)/),
  });
});

test('a database that does not exist', async () => {
  const postgresUrl = changed(urls.postgresUrl, (to) => Object.assign(to, { pathname: '/nobody_made_it' }));
  expect(await refusalOf({ postgresUrl })).toMatchObject({
    exit: 22,
    code: 'RECORD_MISSING',
    message: expect.stringContaining('database "nobody_made_it" does not exist'),
  });
});

test('a Postgres that is too old', async () => {
  const postgresUrl = await olderServer(urls.postgresUrl, /\b1[5-9]00\d\d\b/, '140011');
  expect(await refusalOf({ postgresUrl })).toMatchObject({
    exit: 23,
    code: 'RECORD_TOO_OLD',
    message: expect.stringContaining('15 or later is needed'),
  });
});

test('a Redis that is too old', async () => {
  const redisUrl = await olderServer(urls.redisUrl, /redis_version:\d\.\d/, 'redis_version:6.0');
  expect(await refusalOf({ redisUrl })).toMatchObject({
    exit: 23,
    code: 'INDEX_TOO_OLD',
    message: expect.stringMatching(/Redis 6\.0\S* is too old, 6\.2 or later is needed/),
  });
});

test('a Postgres that is a replica', async () => {
  const replica = await startPostgres();
  onTestFinished(() => replica.stop());
  await replica.crash();
  writeFileSync(path.join(replica.dataDir, 'standby.signal'), '');
  await replica.restart();
  expect(await refusalOf({ postgresUrl: replica.url })).toMatchObject({
    exit: 24,
    code: 'RECORD_IS_REPLICA',
  });
});

test('a Redis that is a replica', async () => {
  const primary = ['--replicaof', '127.0.0.1', String(redis.port), '--masterauth', SECRET];
  const replica = await startRedis({ args: primary });
  onTestFinished(() => replica.stop());
  expect(await refusalOf({ redisUrl: replica.url })).toMatchObject({
    exit: 24,
    code: 'INDEX_IS_REPLICA',
    message: expect.stringContaining(`a replica of 127.0.0.1:${redis.port}`),
  });
});

test('a schema that is newer than this Reeve knows, unless it says that it may be used', async () => {
  const next = readMigrations().length + 1;
  const insert = (minCoordinator: number) =>
    databaseAfter(`INSERT INTO schema_migration (version, name, checksum, min_coordinator)
      VALUES (${next}, 'from_the_future', 'x', ${minCoordinator})`);
  expect(await refusalOf({ postgresUrl: await insert(next) })).toMatchObject({
    exit: 25,
    code: 'SCHEMA_TOO_NEW',
    message: `the record was moved on by a newer Reeve: it needs schema ${next}, this one knows ${next - 1}`,
  });
  const { coordinator } = await start({ postgresUrl: await insert(1) });
  await coordinator.stop();
});

test('a schema that is another one', async () => {
  const postgresUrl = await databaseAfter("UPDATE schema_migration SET checksum = 'x' WHERE version = 1");
  expect(await refusalOf({ postgresUrl })).toMatchObject({ exit: 25, code: 'SCHEMA_DIFFERS' });
});

test('a schema that is older, or none', async () => {
  const newest = readMigrations().length;
  const older = await databaseAfter(`DELETE FROM schema_migration WHERE version = ${newest}`);
  expect(await refusalOf({ postgresUrl: older })).toMatchObject({
    exit: 26,
    code: 'SCHEMA_TOO_OLD',
    message: `the schema is at version ${newest - 1}, this Reeve needs ${newest}`,
    hint: expect.stringContaining('reeve migrate'),
  });
  expect(await refusalOf({ postgresUrl: await postgres.createDatabase() })).toMatchObject({
    exit: 26,
    message: `the database holds no schema of Reeve yet, version ${newest} is needed`,
  });
});

test('told so, a start brings the schema up to date', async () => {
  const postgresUrl = await postgres.createDatabase();
  const { coordinator } = await start({ postgresUrl, flags: { 'migrate-at-start': true } });
  await coordinator.stop();
  const again = await start({ postgresUrl });
  await again.coordinator.stop();
});

/** Answers every change of the schema as a Postgres whose disk is full does. */
const DISK_IS_FULL = `
  CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full', MESSAGE = 'could not extend file: No space left on device'; END $$;
  CREATE EVENT TRIGGER full_disk ON ddl_command_start EXECUTE FUNCTION refuse()`;

test('a full disk', async () => {
  const postgresUrl = await databaseAfter(DISK_IS_FULL, false);
  expect(await refusalOf({ postgresUrl, flags: { 'migrate-at-start': true } })).toMatchObject({
    exit: 27,
    code: 'RECORD_FULL',
    message: expect.stringContaining('No space left on device'),
  });
});

test('a Redis whose memory is full', async () => {
  const full = await startRedis({ args: ['--maxmemory', '100kb'] });
  onTestFinished(() => full.stop());
  expect(await refusalOf({ redisUrl: full.url })).toMatchObject({
    exit: 27,
    code: 'INDEX_FULL',
    message: expect.stringContaining('OOM'),
  });
});
