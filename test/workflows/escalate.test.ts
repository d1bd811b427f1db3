import { beforeEach, expect, test } from 'vitest';
import { createTables } from '../../src/memory/record/tables.js';
import { createMemoryTaskRecord } from '../../src/memory/record/task-record.js';
import { createMemoryWorkflowRecord } from '../../src/memory/record/workflows/workflow-record.js';
import { escalate } from '../../src/usecases/workflows/escalate.js';
import { WorkingCopy } from '../../src/usecases/workflows/working-copy.js';
import { createWorkflowWorld, type WorkflowWorld } from '../conformance/workflow-record-world.js';

const NODE = 1;
let w: WorkflowWorld;
beforeEach(() => {
  const tables = createTables();
  const record = createMemoryTaskRecord(Date, tables);
  w = createWorkflowWorld({ record, workflows: createMemoryWorkflowRecord(Date, tables) });
});

/** A node of which these items fail. */
async function escalated(items: number, failing: readonly number[]) {
  const started = await w.start();
  const ids: string[] = [];
  for (let item = 1; item <= items; item++) ids[item] = await w.submitItem(started, { node: NODE, item });
  for (const item of failing) await w.fail(await w.claim(ids[item] ?? ''), false);
  await w.committed(started, { nodes: [{ node: NODE, state: 'RUNNING', total: items, submitted: items }] });
  const snapshot = await w.workflows.open(started);
  if (!snapshot) throw new Error('no such workflow');
  const copy = new WorkingCopy(snapshot);
  await escalate({ copy, ports: { workflows: w.workflows } }, NODE);
  const [event] = copy.commit(null).events;
  expect(event).toMatchObject({ type: 'ESCALATED', node: NODE, reason: copy.node(NODE).reason });
  return { ids, workflowId: started.workflowId, node: copy.node(NODE), detail: event?.detail };
}

test('who is to go on with the only task is told which it is', async () => {
  const { ids, node, detail } = await escalated(1, [1]);
  expect([node.state, node.reason]).toEqual([
    'ESCALATED',
    `TASK_FAILED: RateLimited: too many calls; it waits until task ${ids[1]} is retried: reeve task retry ${ids[1]}`,
  ]);
  expect(detail).toMatchObject({ failed: 1, failures: [{ task_id: ids[1], state: 'FAILED' }] });
});

test('of several the first is named, how many more there are, and how to retry them all', async () => {
  const { ids, workflowId, node, detail } = await escalated(5, [4, 2, 3]);
  const how = `it waits until task ${ids[2]} and 2 more are retried: reeve task retry --workflow ${workflowId}`;
  expect(node.reason).toBe(
    `TASK_FAILED: 3 of 5 tasks did not succeed: 2 (RateLimited: too many calls); ${how}`,
  );
  expect(detail).toMatchObject({
    failed: 3,
    failures: [2, 3, 4].map((item) => ({ sequence_num: item, task_id: ids[item] })),
  });
});

test('of very many the trail names a hundred', async () => {
  const { detail } = await escalated(
    130,
    Array.from({ length: 130 }, (_, i) => i + 1),
  );
  expect(detail?.failed).toBe(130);
  expect(detail?.failures).toHaveLength(100);
});
