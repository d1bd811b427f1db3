import type { TaskSource } from '../../domain/tasks/source.js';
import type { Dependency, Task, TaskSpec } from '../../domain/tasks/task.js';
import type { TaskState } from '../../domain/tasks/task-state.js';
import type { Tier } from '../../domain/tasks/tier.js';
import type { WorkflowPlace } from '../../domain/workflows/workflow.js';
import type { TaskView } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { decodeResult, type ResultColumns } from './result-columns.js';
import {
  decodeRequirements,
  decodeRetry,
  type RequirementsColumn,
  type RetryColumn,
} from './spec-columns.js';

const GET_TASKS = loadStatement('./get-tasks.sql', import.meta.url);

/** How many tasks one statement reads; fewer where it reads their payloads too. */
const AT_ONCE: Readonly<Record<TaskView, number>> = { BASIC: 500, RESULT: 100, FULL: 50 };

interface Row extends ResultColumns {
  readonly n: number;
  readonly id: string;
  readonly state: TaskState;
  readonly tier: Tier;
  readonly score: number;
  readonly seq: number;
  readonly epoch: number;
  readonly series: number;
  readonly attempt: number;
  readonly deliveries: number;
  readonly preemptions: number;
  readonly has_checkpoint: boolean;
  readonly agent_id: string | null;
  readonly reason: string;
  readonly create_time: number;
  readonly runnable_time: number | null;
  readonly run_time: number | null;
  readonly start_time: number | null;
  readonly finish_time: number | null;
  readonly kind: string;
  readonly spec_tier: Tier;
  readonly source: TaskSource;
  readonly goal: string;
  readonly intent: string;
  readonly submitter_subject_id: string;
  readonly job_space_id: string;
  readonly parent_id: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly requirements: RequirementsColumn;
  readonly retry: RetryColumn;
  readonly attempt_timeout_ms: number | null;
  readonly run_at: number | null;
  readonly deadline: number | null;
  readonly pending: number;
  readonly dependencies: readonly Dependency[] | null;
  readonly body: Uint8Array | null;
  readonly workflow_id: string | null;
  readonly workflow_node: number;
  readonly workflow_run: number;
  readonly workflow_item: number;
  readonly workflow_group: string;
  readonly workflow_task: string;
  readonly result_epoch: number | null;
  readonly result_time: number;
}

export async function getTasks(
  db: Database,
  org: string,
  ids: readonly string[],
  view: TaskView,
): Promise<(Task | null)[]> {
  const tasks: (Task | null)[] = new Array(ids.length).fill(null);
  const atOnce = AT_ONCE[view];
  const parts = [view === 'FULL', view !== 'BASIC'];
  for (let from = 0; from < ids.length; from += atOnce) {
    const rows = await db.read<Row>(GET_TASKS, [org, ids.slice(from, from + atOnce), ...parts]);
    for (const row of rows) tasks[from + row.n - 1] = decode(org, row);
  }
  return tasks;
}

function decode(org: string, row: Row): Task {
  return {
    org,
    taskId: row.id,
    state: row.state,
    tier: row.tier,
    score: row.score,
    epoch: row.epoch,
    series: row.series,
    attempt: row.attempt,
    deliveries: row.deliveries,
    preemptions: row.preemptions,
    agentId: row.agent_id,
    reason: row.reason,
    pending: row.pending,
    seq: row.seq,
    createTime: row.create_time,
    runnableTime: row.runnable_time,
    runTime: row.run_time,
    startTime: row.start_time,
    finishTime: row.finish_time,
    spec: decodeSpec(row),
    workflow: decodePlace(row),
    hasCheckpoint: row.has_checkpoint,
    result: resultOf(row),
  };
}

function decodeSpec(row: Row): TaskSpec {
  return {
    kind: row.kind,
    tier: row.spec_tier,
    source: row.source,
    labels: row.labels,
    goal: row.goal,
    intent: row.intent,
    submitterSubjectId: row.submitter_subject_id,
    jobSpaceId: row.job_space_id,
    parentTaskId: row.parent_id,
    requirements: decodeRequirements(row.requirements),
    retry: decodeRetry(row.retry),
    attemptTimeoutMs: row.attempt_timeout_ms,
    runAt: row.run_at,
    deadline: row.deadline,
    dependencies: row.dependencies ?? [],
    body: row.body ?? new Uint8Array(),
  };
}

function decodePlace(row: Row): WorkflowPlace | null {
  if (row.workflow_id === null) return null;
  return {
    workflowId: row.workflow_id,
    node: row.workflow_node,
    run: row.workflow_run,
    item: row.workflow_item,
    groupId: row.workflow_group,
    templateId: row.workflow_task,
  };
}

function resultOf(row: Row): Task['result'] {
  if (row.result_epoch === null) return null;
  return { epoch: row.result_epoch, createTime: row.result_time, ...decodeResult(row) };
}
