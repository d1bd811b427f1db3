import type { Checkpoint } from '../../domain/tasks/checkpoint.js';
import type { ApprovalRow, EdgeRow, RequestName, ResultRow, TaskRow } from './rows.js';
import type { WorkflowRow } from './workflows/workflow-row.js';

/** Claims made for a call, so that its repeat finds them. */
export interface LeaseRequestRow {
  readonly org: string;
  readonly agentId: string;
  readonly requestId: string;
  readonly taskId: string;
  readonly epoch: number;
  readonly createTime: number;
}

/** All that the record of tasks holds. Rows are reached by (org, id) only. */
export interface Tables {
  readonly tasks: Map<string, TaskRow>;
  /** What tasks wait for, by (org, task). */
  readonly edges: Map<string, readonly EdgeRow[]>;
  /** The same edges by (org, upstream). */
  readonly edgesTo: Map<string, EdgeRow[]>;
  /** Names of submissions. */
  readonly requests: Map<string, RequestName>;
  /** By (org, task, epoch). */
  readonly results: Map<string, ResultRow>;
  /** What attempts left, by (org, task). */
  readonly checkpoints: Map<string, Checkpoint>;
  /** What persons were asked, by (org, task). */
  readonly approvals: Map<string, ApprovalRow>;
  leaseRequests: readonly LeaseRequestRow[];
  /** By (org, workflow). */
  readonly workflows: Map<string, WorkflowRow>;
  /** Tasks that are part of one, by (org, workflow). */
  readonly workflowTasks: Map<string, TaskRow[]>;
}

export function createTables(): Tables {
  return {
    tasks: new Map(),
    edges: new Map(),
    edgesTo: new Map(),
    requests: new Map(),
    results: new Map(),
    checkpoints: new Map(),
    approvals: new Map(),
    leaseRequests: [],
    workflows: new Map(),
    workflowTasks: new Map(),
  };
}

/** The key of a row: org, then whatever names it there. */
export function keyOf(org: string, ...names: readonly (string | number)[]): string {
  return [org, ...names].join('\0');
}

export function findTask(
  { tasks }: Tables,
  { org, taskId }: { readonly org: string; readonly taskId: string },
): TaskRow | undefined {
  return tasks.get(keyOf(org, taskId));
}

export function addToWorkflow({ workflowTasks }: Tables, row: TaskRow): void {
  if (row.workflow === null) return;
  const key = keyOf(row.org, row.workflow.workflowId);
  const tasks = workflowTasks.get(key);
  if (tasks) tasks.push(row);
  else workflowTasks.set(key, [row]);
}
