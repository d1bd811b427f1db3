import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Failpoint } from '../../src/ports/failpoints.js';
import type { TaskRecord } from '../../src/ports/task-record.js';
import type { Database } from '../../src/postgres/database.js';
import { createTaskRecord } from '../../src/postgres/tasks/task-record.js';
import { claimOf, createWorld, LEASE_MS } from '../conformance/task-record-world.js';
import { openPgliteRecord, type PgliteRecord, SILENT } from '../support/pglite-record.js';

let opened: PgliteRecord;
let record: TaskRecord;
/** The same, but an accept waits for its result as long as it takes. */
let patient: TaskRecord;
/** What was sent to the database and which failpoints were hit, in order. */
let steps: string[] = [];
let freeze: Promise<void> | undefined;

beforeAll(async () => {
  opened = await openPgliteRecord();
  const noting: Database = {
    ...opened.db,
    write: (statement, values) => {
      steps.push(statement.name);
      return opened.db.write(statement, values);
    },
  };
  const failpoints = {
    hit: (name: Failpoint) => {
      steps.push(name);
      return freeze;
    },
  };
  record = createTaskRecord(noting, { failpoints, log: SILENT });
  patient = createTaskRecord(noting, { failpoints, log: SILENT, acceptLingerMs: 600_000 });
});
afterAll(() => opened.close());
beforeEach(() => {
  steps = [];
  freeze = undefined;
});

describe('failpoints', () => {
  test('stand before and after the commit of each verb', async () => {
    const w = createWorld(record);
    const expectSteps = (name: string, statement: string) => {
      expect(steps).toEqual([`${name}.before-commit`, statement, `${name}.after-commit`]);
      steps = [];
    };
    const taskId = await w.submit();
    expectSteps('submit', 'submit-tasks');
    const lease = await w.claim(taskId);
    expectSteps('claim', 'claim-tasks');
    await w.accept(lease);
    expectSteps('accept', 'accept-tasks');
    await record.renewLeases([{ ...claimOf(lease), agentId: lease.agentId, leaseMs: LEASE_MS }]);
    expectSteps('renew', 'renew-leases');
    await w.expire(lease);
    expectSteps('expire', 'expire-leases');
    await w.cancel(taskId);
    expectSteps('cancel', 'cancel-tasks');
    await w.settle(lease);
    expectSteps('settle', 'settle-tasks');
  });

  test('nothing is sent while the one before the commit holds', async () => {
    const w = createWorld(record);
    let thaw = () => {};
    freeze = new Promise((resolve) => {
      thaw = resolve;
    });
    const submitted = w.submit();
    await new Promise((resolve) => setImmediate(resolve));
    expect(steps).toEqual(['submit.before-commit']);
    freeze = undefined;
    thaw();
    await submitted;

    expect(steps).toEqual(['submit.before-commit', 'submit-tasks', 'submit.after-commit']);
  });
});

describe('an accept', () => {
  test('is not written of its own if its result comes with it', async () => {
    const w = createWorld(patient);
    const lease = await w.claim(await w.submit());
    const accepted = w.accept(lease);
    const settled = w.settle(lease);

    expect(await settled).toMatchObject({ kind: 'OK', change: { seq: 4 } });
    expect(await accepted).toEqual({ kind: 'REFUSED', state: 'SUCCEEDED', epoch: 1 });
    expect(steps).not.toContain('accept-tasks');
    expect(await w.types(lease.taskId)).toEqual(['SUBMITTED', 'CLAIMED', 'ACCEPTED', 'SUCCEEDED']);
  });

  test('is written after all if its result is refused', async () => {
    const w = createWorld(record);
    const lease = await w.claim(await w.submit());
    const accepted = w.accept(lease);
    const [refused] = await record
      .settleTasks([
        {
          ...claimOf(lease),
          agentId: lease.agentId,
          resultId: randomUUID(),
          result: {
            outcome: 'FAILED',
            summary: '',
            output: null,
            error: { kind: '\u0000', message: '', retryable: true, detail: null },
          },
          afterFailure: { to: 'FAILED', delayMs: 0 },
        },
      ])
      .catch(() => [null]);

    expect(refused).toBeNull();
    expect(await accepted).toMatchObject({ kind: 'OK' });
    expect((await w.get(lease.taskId)).state).toBe('RUNNING');
  });

  test('is written by itself where no result comes', async () => {
    const w = createWorld(record);
    const lease = await w.claim(await w.submit());
    await w.accept(lease);

    expect(steps).toContain('accept-tasks');
    expect((await w.get(lease.taskId)).state).toBe('RUNNING');
  });
});
