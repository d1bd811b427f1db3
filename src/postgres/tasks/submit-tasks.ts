import type { Lease } from '../../domain/tasks/lease.js';
import { type Band, bandOf } from '../../domain/tasks/source.js';
import type { TaskState } from '../../domain/tasks/task-state.js';
import type { Moved, NewTask, SubmitOutcome } from '../../ports/task-record.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';
import { packBytes } from './bytes-column.js';
import { encodeDecisions } from './decisions-column.js';
import { sparseColumn } from './sparse-column.js';
import { encodeLabels, encodeRequirements, encodeRetry, encodeSelection } from './spec-columns.js';
import { taskKey } from './task-order.js';

const SUBMIT_TASKS = loadStatement('./submit-tasks.sql', import.meta.url);

export interface SubmitRow {
  readonly n: number;
  readonly kind: Exclude<SubmitOutcome['kind'], 'INVALID'>;
  /** `null`: its own. */
  readonly task_id: string | null;
  readonly state: TaskState;
  readonly seq: number;
  /** Where it may differ from what was asked for. */
  readonly score: number | null;
  readonly band: Band | null;
}

/** @param notesChanges whether others are to read of it */
export async function submitTasks(
  db: Database,
  tasks: readonly NewTask[],
  notesChanges = true,
): Promise<SubmitOutcome[]> {
  const outcomes = tasks.map(submittedAsItIs);
  const rows = await db.write<SubmitRow>(SUBMIT_TASKS, [...submitValues(tasks), notesChanges]);
  for (const row of rows) outcomes[row.n - 1] = decodeSubmitted(row, tasks[row.n - 1] as NewTask, []);
  return outcomes;
}

/** What needs no row of an answer: a task of its own. */
function submittedAsItIs(task: NewTask): SubmitOutcome {
  const { org, taskId, claim, runTime, score, spec } = task;
  const state = claim ? 'ASSIGNED' : runTime === null ? 'QUEUED' : 'SCHEDULED';
  const change = { org, taskId, seq: claim ? 2 : 1, state } as const;
  return { kind: 'SUBMITTED', change, lease: firstLease(task), score, band: bandOf(spec.source), urged: [] };
}

/** $1 to $40 of the statements that submit. */
export function submitValues(tasks: readonly NewTask[]): readonly unknown[] {
  const [bodies, hashes] = packBytes([
    tasks.map((t) => t.spec.body),
    tasks.map((t) => t.request?.bodyHash),
  ] as const);
  return [
    tasks.map((t) => t.org),
    tasks.map((t) => t.taskId),
    tasks.map((t) => t.spec.kind),
    tasks.map((t) => t.spec.tier),
    tasks.map((t) => bandOf(t.spec.source)),
    tasks.map((t) => t.spec.source),
    tasks.map((t) => t.spec.submitterSubjectId),
    sparseColumn(tasks, (t) => t.spec.parentTaskId),
    sparseColumn(tasks, (t) => encodeLabels(t.spec.labels)),
    tasks.map((t) => encodeRequirements(t.spec.requirements)),
    sparseColumn(tasks, (t) => encodeRetry(t.spec.retry)),
    sparseColumn(tasks, (t) => t.spec.attemptTimeoutMs),
    tasks.map((t) => t.createTime),
    sparseColumn(tasks, (t) => t.runTime),
    tasks.map((t) => t.score),
    sparseColumn(tasks, (t) => t.request?.requestId ?? null),
    tasks.map((t) => t.actor),
    bodies.bytes,
    bodies.starts,
    bodies.lengths,
    hashes.starts,
    hashes.lengths,
    sparseColumn(tasks, (t) => t.spec.goal || null),
    sparseColumn(tasks, (t) => t.spec.intent || null),
    sparseColumn(tasks, (t) => t.spec.jobSpaceId || null),
    sparseColumn(tasks, (t) => t.claim?.agentId ?? null),
    sparseColumn(tasks, (t) => t.claim?.acceptWithinMs ?? null),
    sparseColumn(tasks, (t) => t.spec.runAt),
    sparseColumn(tasks, (t) => t.claim?.requestId ?? null),
    tasks.map((t) => t.headStartMs),
    sparseColumn(tasks, (t) => t.spec.deadline),
    sparseColumn(tasks, (t) => (t.spec.dependencies.length > 0 ? JSON.stringify(t.spec.dependencies) : null)),
    encodeDecisions(tasks.map((t) => t.decisions)),
    sparseColumn(tasks, (t) => encodeSelection(t.claim?.selection)),
    sparseColumn(tasks, (t) => t.workflow?.workflowId ?? null),
    sparseColumn(tasks, (t) => t.workflow?.node ?? null),
    sparseColumn(tasks, (t) => t.workflow?.run ?? null),
    sparseColumn(tasks, (t) => t.workflow?.item ?? null),
    sparseColumn(tasks, (t) => t.workflow?.groupId ?? null),
    sparseColumn(tasks, (t) => t.workflow?.templateId ?? null),
  ];
}

export function decodeSubmitted(row: SubmitRow, task: NewTask, urged: readonly Moved[]): SubmitOutcome {
  const { kind, state, seq } = row;
  const taskId = row.task_id ?? task.taskId;
  const change = { org: task.org, taskId, seq, state };
  switch (kind) {
    case 'SUBMITTED': {
      const score = row.score ?? task.score;
      const band = row.band ?? bandOf(task.spec.source);
      return { kind, change, lease: firstLease(task), score, band, urged };
    }
    case 'ALREADY_SUBMITTED':
      return { kind, change };
    case 'REQUEST_ID_REUSED':
    case 'DEPENDENCY_NOT_FOUND':
      return { kind, taskId };
    case 'PARENT_NOT_FOUND':
      return { kind };
  }
}

function firstLease({ org, taskId, claim, spec }: NewTask): Lease | null {
  if (!claim) return null;
  const { retry, attemptTimeoutMs } = spec;
  return {
    org,
    taskId,
    agentId: claim.agentId,
    epoch: 1,
    attempt: 1,
    deliveries: 1,
    retry,
    attemptTimeoutMs,
  };
}

/** A submission that is named and its repeat have to find each other. */
export function submitKey(task: NewTask): string {
  return task.request ? `${task.org}\0${task.request.requestId}` : taskKey(task);
}

/** About so much JSON is a decision without its question. */
const DECISION_BYTES = 256;

export function submitSize({ spec, decisions }: NewTask): number {
  let size = spec.body.length;
  for (const { question } of decisions ?? []) {
    size += DECISION_BYTES + question.task.length + question.org.length + (question.candidates?.length ?? 0);
  }
  return size;
}

export function refuseTask(_task: NewTask, error: Error): SubmitOutcome {
  return { kind: 'INVALID', message: error.message };
}
