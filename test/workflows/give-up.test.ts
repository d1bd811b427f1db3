import { expect, test } from 'vitest';
import { createTables } from '../../src/memory/record/tables.js';
import { createMemoryTaskRecord } from '../../src/memory/record/task-record.js';
import { createMemoryWorkflowRecord } from '../../src/memory/record/workflows/workflow-record.js';
import { giveUp } from '../../src/usecases/workflows/give-up.js';
import { createWorkflowWorld } from '../conformance/workflow-record-world.js';
import { FakeClock } from '../support/fake-clock.js';

function setup() {
  const tables = createTables();
  const record = createMemoryTaskRecord(Date, tables);
  const workflows = createMemoryWorkflowRecord(Date, tables);
  const w = createWorkflowWorld({ record, workflows });
  return { w, end: giveUp({ ports: { clock: new FakeClock() }, workflows }) };
}

test('a workflow that cannot go on ends: what is over stays, what is not is CANCELLED', async () => {
  const { w, end } = setup();
  const workflow = await w.start();
  const done = { node: 0, state: 'SUCCEEDED', finishTime: 1 } as const;
  await w.committed(workflow, { nodes: [done, { node: 1, state: 'RUNNING' }] });
  await end(workflow, 'its items cannot be made');
  const ended = await w.workflows.open(workflow);
  expect(ended?.workflow).toMatchObject({
    state: 'FAILED',
    reason: 'ADVANCE_FAILED: its items cannot be made',
  });
  expect(ended?.nodes.map(({ state, reason }) => [state, reason])).toEqual([
    ['SUCCEEDED', ''],
    ['CANCELLED', 'CANCELLED: the workflow could not go on'],
    ['CANCELLED', 'CANCELLED: the workflow could not go on'],
  ]);
});

test('one that has ended meanwhile stays as it is', async () => {
  const { w, end } = setup();
  const workflow = await w.ended(1_000);
  await end(workflow, 'too late');
  expect(await w.getWorkflow(workflow)).toMatchObject({ state: 'SUCCEEDED', reason: '' });
});
