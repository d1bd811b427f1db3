import {
  createWorkflowWorld,
  type OpenedWorkflowRecord,
  pageOf,
  write,
} from '../../conformance/workflow-record-world.js';

/** Runs each statement of the record of workflows once, but for those below. */
export async function runWorkflowStatements(
  opened: Pick<OpenedWorkflowRecord, 'record' | 'workflows'>,
): Promise<void> {
  const w = createWorkflowWorld(opened);
  const { workflows } = opened;
  const workflow = await w.start();
  await w.settle(await w.claim(await w.submitItem(workflow)));
  await workflows.open(workflow);
  await w.committed(workflow, { nodes: [{ node: 1, state: 'RUNNING' }], context: [write('a', 1, 0)] });
  await workflows.get(workflow);
  await workflows.getSpec(workflow);
  await workflows.readContext(workflow, null);
  await workflows.pruneContext(workflow, 1, 100);
  await workflows.listItems(workflow, 1, pageOf(0, 10));
  await workflows.listOpenTasks({ ...workflow, run: 1, node: null, limit: 10 });
  await workflows.listEvents(workflow, 0, 10);
  const query = { org: w.org, name: 'digest', labels: {}, limit: 10, beforeId: null };
  await workflows.list({ ...query, states: [] });
  await workflows.list({ ...query, states: ['PROCESSING'] });
}

/** Those that go through tables in rounds: a page of them is bounded, a round is not. */
export async function runWorkflowRounds({
  workflows,
}: Pick<OpenedWorkflowRecord, 'workflows'>): Promise<void> {
  await workflows.listDue(100);
  await workflows.listStrays(100);
  await workflows.forget(3_600_000, 100);
}
