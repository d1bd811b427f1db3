import { v7 } from 'uuid';
import { expect } from 'vitest';
import type { TaskSpec } from '../../src/domain/tasks/task.js';
import type { WorkflowSpec } from '../../src/domain/workflows/spec.js';
import type { Workflow, WorkflowPlace } from '../../src/domain/workflows/workflow.js';
import type { NewTask, TaskRecord } from '../../src/ports/task-record.js';
import type {
  ContextWrite,
  ItemPage,
  NewWorkflow,
  WorkflowCommit,
  WorkflowKey,
  WorkflowRecord,
} from '../../src/ports/workflow-record.js';
import { createWorld, type World } from './task-record-world.js';

export interface OpenedWorkflowRecord {
  readonly record: TaskRecord;
  readonly workflows: WorkflowRecord;
  close(): Promise<void>;
}

/** More than any test makes. */
export const ALL = 100_000;

const NO_DEFAULTS = {
  ...{ tier: null, requirements: null, retry: null, attemptTimeoutMs: null, timeoutMs: null },
  ...{ onFailure: null, expansion: null, policies: null, routing: null },
} as const;

export function workflowSpec(over: Partial<WorkflowSpec> = {}): WorkflowSpec {
  return {
    name: 'digest',
    description: '',
    labels: {},
    groups: [],
    context: {},
    params: {},
    timeoutMs: null,
    defaults: NO_DEFAULTS,
    submitterSubjectId: 'alice',
    jobSpaceId: '',
    source: 'AUTOMATED',
    ...over,
  };
}

export type WorkflowWorld = ReturnType<typeof createWorkflowWorld>;

/** One organisation of its own on a record that several tests share, or another world's. */
export function createWorkflowWorld(
  { record, workflows }: Omit<OpenedWorkflowRecord, 'close'>,
  tasks: World = createWorld(record),
) {
  const { org } = tasks;

  const newWorkflow = (over: Partial<NewWorkflow> = {}): NewWorkflow => ({
    org,
    workflowId: v7(),
    spec: workflowSpec(),
    submitterSubjectId: 'alice',
    actor: 'alice',
    createTime: Date.now(),
    deadline: null,
    nodeCount: 3,
    request: null,
    ...over,
  });

  const start = async (over: Partial<NewWorkflow> = {}): Promise<Workflow> => {
    const outcome = await workflows.start(newWorkflow(over));
    if (outcome.kind !== 'STARTED') throw new Error(outcome.kind);
    return outcome.workflow;
  };
  const commit = (of: Workflow, change: Partial<WorkflowCommit>) =>
    workflows.commit({
      ...{ org, workflowId: of.workflowId, version: of.version, nodes: [], context: [], events: [] },
      ...change,
    });
  /** Commits, and answers with the workflow after it. */
  const committed = async (of: Workflow, change: Partial<WorkflowCommit>): Promise<Workflow> => {
    const outcome = await commit(of, change);
    if (outcome.kind !== 'OK') throw new Error(JSON.stringify(outcome));
    return outcome.workflow;
  };
  /** One that has ended so long ago. */
  const ended = async (endedForMs: number, over: Partial<NewWorkflow> = {}): Promise<Workflow> =>
    committed(await start(over), { state: 'SUCCEEDED', finishTime: Date.now() - endedForMs });

  const placeIn = ({ workflowId }: WorkflowKey, over: Partial<WorkflowPlace> = {}): WorkflowPlace => ({
    ...{ workflowId, node: 1, run: 1, item: 1, groupId: 'collect', templateId: 'fetch' },
    ...over,
  });
  /** Submits a task that is part of a workflow; its first node that is no group unless said otherwise. */
  const submitItem = (
    of: WorkflowKey,
    place: Partial<WorkflowPlace> = {},
    spec: Partial<TaskSpec> = {},
    rest: Partial<NewTask> = {},
  ): Promise<string> => tasks.submit(spec, { workflow: placeIn(of, place), ...rest });

  const countsOf = async (
    of: WorkflowKey,
    node = 1,
  ): Promise<readonly [succeeded: number, failed: number]> => {
    const opened = await workflows.open(of);
    const found = opened?.nodes[node];
    if (!found) throw new Error('no such node');
    return [found.succeeded, found.failed];
  };
  const isDue = async ({ workflowId }: WorkflowKey): Promise<boolean> =>
    (await workflows.listDue(ALL)).some((key) => key.org === org && key.workflowId === workflowId);

  return {
    ...tasks,
    workflows,
    newWorkflow,
    start,
    commit,
    committed,
    ended,
    placeIn,
    submitItem,
    countsOf,
    isDue,
    /** One that waits for nothing but its tasks. */
    async asleep(over: Partial<NewWorkflow> = {}): Promise<Workflow> {
      return committed(await start(over), { wakeTime: null });
    },
    async writeContext(of: Workflow, ...context: readonly ContextWrite[]): Promise<Workflow> {
      return committed(of, { context });
    },
    async getWorkflow(key: WorkflowKey): Promise<Workflow> {
      const found = await workflows.get(key);
      if (!found) throw new Error('no such workflow');
      return found;
    },
    async expectCounts(of: WorkflowKey, succeeded: number, failed: number, node = 1): Promise<void> {
      expect(await countsOf(of, node)).toEqual([succeeded, failed]);
    },
  };
}

/** With outputs, whatever they take. */
export function pageOf(afterItem: number, limit: number, more: Partial<ItemPage> = {}): ItemPage {
  return { afterItem, limit, withPayloads: true, maxBytes: 64 * 1024 * 1024, ...more };
}

/** A value for a path, whatever was there. */
export function write(
  path: string,
  value: ContextWrite['value'],
  expected: number | null = null,
): ContextWrite {
  return { path, value, expected };
}
