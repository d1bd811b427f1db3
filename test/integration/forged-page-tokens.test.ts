import { CoordinatorService, WorkflowService } from '@reeve/sdk/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Coordinator } from '../../src/coordinator.js';
import { detailsOf, failureOf } from '../api/support/grpc-client.js';
import { openEmbedded } from '../support/embedded.js';
import { workflowWorld } from '../support/workflow-world.js';

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await openEmbedded();
});
afterAll(() => coordinator.stop());

/** What no list goes on after. */
const FORGED = ['', 'not-an-id', "'", 'a\0b', '-1', '1.5', 'NaN', '9'.repeat(40), '\uD800', 'x'.repeat(100)];

const { method: workflows } = WorkflowService;
const { method: tasks } = CoordinatorService;

test('a token whose cursor was forged is refused as one, wherever it goes', async () => {
  const { grpc, meta, start } = workflowWorld(coordinator.address);
  const spec = { groups: [{ groupId: 'g', tasks: [{ taskId: 't', kind: 'nobody-does' }] }] };
  const workflowId = await start(spec);
  await start(spec);
  const task = { kind: 'nobody-does' };
  const submitted = await grpc.call(tasks.submitTask, { task }, meta);
  const taskId = submitted.task?.taskId ?? '';
  await grpc.call(tasks.cancelTask, { taskId }, meta);
  await grpc.call(tasks.submitTask, { task }, meta);
  for (let i = 0; i < 2; i++) {
    await grpc.call(tasks.batchCancelTasks, { filter: { kinds: ['none'] }, dryRun: true }, meta);
  }
  const page = { pageSize: 1 };
  const lists = {
    listWorkflows: (pageToken: string) => grpc.call(workflows.listWorkflows, { ...page, pageToken }, meta),
    listWorkflowEvents: (pageToken: string) =>
      grpc.call(workflows.listWorkflowEvents, { ...page, workflowId, pageToken }, meta),
    listTasks: (pageToken: string) => grpc.call(tasks.listTasks, { ...page, pageToken }, meta),
    listTaskEvents: (pageToken: string) =>
      grpc.call(tasks.listTaskEvents, { ...page, taskId, pageToken }, meta),
    listOperations: (pageToken: string) => grpc.call(tasks.listOperations, { ...page, pageToken }, meta),
  };
  for (const [name, list] of Object.entries(lists)) {
    const { nextPageToken } = await list('');
    const token = Buffer.from(nextPageToken, 'base64url').toString();
    expect(token, name).not.toBe('');
    await list(nextPageToken);
    for (const cursor of FORGED) {
      const forged = Buffer.from(`${token.slice(0, 16)}${cursor}`).toString('base64url');
      const { info, fields } = detailsOf(await failureOf(list(forged)));
      const refused = { name, cursor, reason: info?.reason, fields };
      expect(refused).toEqual({ name, cursor, reason: 'INVALID_PAGE_TOKEN', fields: ['page_token'] });
    }
  }
});
