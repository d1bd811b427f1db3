import { chmodSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClockWatch } from '../../src/maintenance/clock-watch.js';
import { NO_FAILPOINTS } from '../../src/ports/failpoints.js';
import type { TaskRecord } from '../../src/ports/task-record.js';
import { openServer } from '../../src/postgres/drivers/server.js';
import { createLeadership } from '../../src/postgres/leader/leadership.js';
import { createLeaseClock } from '../../src/postgres/leader/lease-clock.js';
import { createTaskRecord } from '../../src/postgres/tasks/task-record.js';
import { systemClock } from '../../src/system/clock.js';
import { createFakeTime } from '../chaos/fake-time.js';
import { claimOf, createWorld, LEASE_MS } from '../conformance/task-record-world.js';
import { type PgliteRecord, recordOn, SILENT } from '../support/pglite-record.js';
import { type PostgresServer, startPostgres } from '../support/servers/postgres-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const HOURS = 3_600;
const SPANS = { leaseMs: LEASE_MS, assignedMs: 15_000, cancelGraceMs: 5_000 };

// The server runs as another user, who has to read it.
const folder = temporaryFolder('clock');
chmodSync(folder, 0o755);
const found = createFakeTime(folder, 'postgres');
if (!found) throw new Error('there is no libfaketime here: scripts/install-test-servers gets it');
const time = found;
let server: PostgresServer;
let opened: PgliteRecord;
let record: TaskRecord;

beforeAll(async () => {
  // It sees each change at once.
  server = await startPostgres({ env: { ...time.env, FAKETIME_NO_CACHE: '1' } });
  opened = await recordOn(openServer({ url: await server.createDatabase(), log: SILENT }));
  record = createTaskRecord(opened.db, { failpoints: NO_FAILPOINTS, log: SILENT });
});
afterAll(async () => {
  await opened.close();
  await server.stop();
});

/** A watch that has seen the clock as it is now. */
async function watching() {
  const leaseClock = createLeaseClock(opened.db);
  const watch = createClockWatch({ leaseClock, clock: systemClock, log: SILENT, spans: SPANS });
  await watch.look();
  return watch;
}

describe.each([
  ['ahead', 2 * HOURS],
  ['back', -2 * HOURS],
])('when the clock of the server jumps two hours %s', (_, seconds) => {
  test('no lease has run out once the jump is noticed, and none lasts longer than it should', async () => {
    time.set(0);
    const w = createWorld(record);
    const leases = await Promise.all([1, 2, 3].map(() => w.running({ attemptTimeoutMs: 3 * LEASE_MS })));
    const watch = await watching();
    time.set(seconds);
    const jumped = await record.getLeases(leases.map(claimOf));
    const isAhead = seconds > 0;
    for (const state of jumped) expect(state && state.remainingMs > LEASE_MS).toBe(!isAhead);

    await watch.look();
    await watch.mend();
    const states = await record.getLeases(leases.map(claimOf));
    for (const state of states) {
      expect(state?.remainingMs).toBeGreaterThan(LEASE_MS / 2);
      expect(state?.remainingMs).toBeLessThanOrEqual(LEASE_MS);
      expect(state?.attemptRemainingMs).toBeLessThanOrEqual(3 * LEASE_MS);
    }
    for (const lease of leases) {
      expect(await w.expire(lease)).toMatchObject({ kind: 'NOT_DUE' });
      await w.settle(lease);
      expect((await w.get(lease.taskId)).state).toBe('SUCCEEDED');
    }
  });

  test('whoever asks first leads, for no longer than on a clock that did not jump', async () => {
    time.set(0);
    const leadership = createLeadership(opened.db, `jump ${seconds}`);
    expect(await leadership.hold('a', 4_000)).toEqual({ kind: 'HELD', epoch: 1 });
    time.set(seconds);
    expect(await leadership.hold('b', 4_000)).toEqual({ kind: 'HELD', epoch: 2 });
    const answer = await leadership.hold('a', 4_000);
    expect(answer).toMatchObject({ kind: 'TAKEN', holder: 'b' });
    expect(answer.kind === 'TAKEN' && answer.remainingMs).toBeLessThanOrEqual(4_000);
  });
});
