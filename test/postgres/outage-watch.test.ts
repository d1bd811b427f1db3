import { expect, test } from 'vitest';
import { ReeveError, unavailable } from '../../src/domain/errors.js';
import type { Database } from '../../src/postgres/database.js';
import { watchOutages } from '../../src/postgres/outage-watch.js';
import { FakeClock } from '../support/fake-clock.js';

const SETTLE_MS = 30_000;
const ANY = { name: 'any', text: '' };
const AWAY = unavailable('RECORD_UNAVAILABLE', 'gone');
const FULL = new ReeveError('RESOURCE_EXHAUSTED', 'RECORD_FULL', 'full');

/** A database that fails as the test says. */
function setup() {
  const clock = new FakeClock();
  let failure: Error | null = null;
  let failsReads = true;
  const ask = async <Row>(reads: boolean): Promise<Row[]> => {
    if (failure && (!reads || failsReads)) throw failure;
    return [];
  };
  const inner: Database = {
    write: () => ask(false),
    read: () => ask(true),
    transaction: async () => {
      throw new Error('not here');
    },
    exec: async () => undefined,
    close: async () => undefined,
  };
  const logged: string[] = [];
  const say = (_: object, message: string) => void logged.push(message);
  const log = { debug() {}, info: say, warn: say, error: say };
  const watch = watchOutages(inner, { clock, log, settleMs: SETTLE_MS });
  return {
    ...watch,
    clock,
    logged,
    fail(error: Error | null, reads = true) {
      failure = error;
      failsReads = reads;
    },
    write: () => watch.db.write(ANY, []).catch(() => undefined),
    read: () => watch.db.read(ANY, []).catch(() => undefined),
  };
}

test('an outage begins with the call that failed first, and ends with the first that does not', async () => {
  const { outages, fail, write, read, clock, logged } = setup();
  expect(await outages.settled()).toBe(false);
  clock.advance(SETTLE_MS);
  expect(outages.awayMs()).toBe(null);
  expect(await outages.settled()).toBe(true);
  fail(AWAY);
  await write();
  clock.advance(5_000);
  await read();
  expect(outages.awayMs()).toBe(5_000);
  expect(await outages.settled()).toBe(false);
  fail(null);
  await read();
  expect(outages.awayMs()).toBe(null);
  expect(logged).toEqual(['the record is away', 'the record is back']);
});

test('leases are ended again when all who hold one had the time to prolong it', async () => {
  const { outages, fail, write, clock } = setup();
  fail(AWAY);
  await write();
  fail(null);
  await write();
  clock.advance(SETTLE_MS - 1);
  expect(await outages.settled()).toBe(false);
  clock.advance(1);
  expect(await outages.settled()).toBe(true);
});

test('a record that is full is not back because it can be read', async () => {
  const { outages, fail, write, read, clock } = setup();
  fail(FULL, false);
  await write();
  clock.advance(1_000);
  await read();
  expect(outages.awayMs()).toBe(1_000);
  fail(null);
  await write();
  expect(outages.awayMs()).toBe(null);
});

test('a full record that nobody writes to is not taken for full for ever', async () => {
  const { outages, fail, write, read, clock } = setup();
  fail(FULL, false);
  await write();
  clock.advance(SETTLE_MS + 1);
  await read();
  expect(outages.awayMs()).toBe(null);
});

test('other errors are answers', async () => {
  const { outages, fail, write } = setup();
  fail(AWAY);
  await write();
  fail(Object.assign(new Error('syntax error'), { code: '42601' }));
  await write();
  expect(outages.awayMs()).toBe(null);
});

test('asking for it while it is away does no harm', async () => {
  const { outages, probe, fail } = setup();
  fail(AWAY);
  await probe();
  expect(outages.awayMs()).toBe(0);
});
