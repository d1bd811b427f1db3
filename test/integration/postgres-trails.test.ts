import { afterAll, beforeAll, expect, test } from 'vitest';
import { NO_FAILPOINTS } from '../../src/ports/failpoints.js';
import { createTaskRecord } from '../../src/postgres/tasks/task-record.js';
import { updateTask } from '../conformance/task-record-updating.js';
import { createWorld, LEASE_MS } from '../conformance/task-record-world.js';
import { openPgliteRecord, type PgliteRecord, SILENT } from '../support/pglite-record.js';

let opened: PgliteRecord;
beforeAll(async () => {
  opened = await openPgliteRecord();
});
afterAll(() => opened.close());

let queries = 0;
const query = <Row>(text: string, values: readonly unknown[] = []) =>
  opened.db.read<Row>({ name: `trails-${++queries}`, text }, values);

/** Leaves a task as a coordinator left it for which each event was a row of its own. */
async function separateEvents(taskId: string): Promise<void> {
  await opened.db.exec(`
    BEGIN;
    INSERT INTO task_event SELECT * FROM task_trail AS t WHERE task_id = '${taskId}'
      AND NOT EXISTS (SELECT FROM task_event AS e WHERE e.task_id = t.task_id AND e.seq = t.seq);
    UPDATE task_spec SET submit_time = NULL, submit_tier = NULL, submit_score = NULL, submit_run_time = NULL,
      submit_actor = NULL, claim_agent_id = NULL WHERE task_id = '${taskId}';
    UPDATE task_result SET seq = NULL, state = NULL, deliveries = NULL, accepts = NULL, reason = NULL, run_time = NULL
      WHERE task_id = '${taskId}';
    COMMIT`);
}

test('trails of which each event has a row are read like those that share rows, and go on', async () => {
  const w = createWorld(opened.record);
  const claim = { agentId: 'agent-1', acceptWithinMs: LEASE_MS, requestId: null };
  const taskId = await w.submit({}, { claim, actor: 'bob' });
  const [lease] = await opened.record.getLeases([{ org: w.org, taskId, epoch: 1 }]);
  if (!lease) throw new Error('not claimed');
  await w.fail(lease.lease);
  const shared = await w.events(taskId);
  expect(shared.map(({ type }) => type)).toEqual(['SUBMITTED', 'CLAIMED', 'ACCEPTED', 'FAILED']);
  expect(await query('SELECT FROM task_event WHERE task_id = $1::uuid', [taskId])).toEqual([]);

  await separateEvents(taskId);
  expect(await query('SELECT FROM task_event WHERE task_id = $1::uuid', [taskId])).toHaveLength(4);
  expect(await w.events(taskId)).toEqual(shared);

  await w.promote(taskId);
  await w.settle(await w.claim(taskId));
  expect((await w.types(taskId)).slice(4)).toEqual(['QUEUED', 'CLAIMED', 'ACCEPTED', 'SUCCEEDED']);
  await w.expectConsistent(taskId);
});

test('a submission is shown as it was when the task has been changed since', async () => {
  const w = createWorld(opened.record);
  const taskId = await w.submit({ tier: 'LOW' });
  const [before] = await w.events(taskId);
  await updateTask(w, taskId, { tier: 'HIGH' });
  const [after] = await w.events(taskId);

  expect(after).toEqual(before);
  expect(after?.detail).toMatchObject({ tier: 'LOW' });
  expect((await w.get(taskId)).tier).toBe('HIGH');
});

test('a record that nobody else reads notes nothing of what it writes without events of their own', async () => {
  const record = createTaskRecord(opened.db, {
    failpoints: NO_FAILPOINTS,
    log: SILENT,
    notesChanges: false,
  });
  const changes = async (org: string) =>
    (await query('SELECT FROM task_change WHERE org = $1', [org])).length;
  const alone = createWorld(record);
  await alone.settle(await alone.claim(await alone.submit()));
  // The claim, by the trigger, which `forgoChanges` turns off.
  expect(await changes(alone.org)).toBe(1);

  const shared = createWorld(opened.record);
  await shared.settle(await shared.claim(await shared.submit()));
  expect(await changes(shared.org)).toBe(3);
});
