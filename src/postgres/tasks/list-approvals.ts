import type { Approval, Verdict } from '../../domain/tasks/admission.js';
import type { TaskKey } from '../../ports/ready-index.js';
import type { ApprovalQuery } from '../../ports/task-decisions.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';

const LIST_OPEN_APPROVALS = loadStatement('./list-open-approvals.sql', import.meta.url);
const LIST_APPROVALS = loadStatement('./list-approvals.sql', import.meta.url);
const GET_APPROVAL = loadStatement('./get-approval.sql', import.meta.url);
const LIST_DUE_APPROVALS = loadStatement('./list-due-approvals.sql', import.meta.url);
const MAX = 1_000;

interface Row {
  readonly task_id: string;
  readonly kind: string;
  readonly goal: string;
  readonly submitter: string;
  readonly reason: string;
  readonly policy_id: string;
  readonly policy_version: number;
  readonly create_time: number;
  readonly due_time: number;
  readonly default_verdict: Verdict;
  readonly verdict: Verdict | null;
  readonly approver: string | null;
  readonly verdict_reason: string | null;
  readonly verdict_time: number | null;
}

export async function listApprovals(
  db: Database,
  { org, all, after, limit, taskId }: ApprovalQuery,
): Promise<Approval[]> {
  if (taskId !== undefined) return (await db.read<Row>(GET_APPROVAL, [org, taskId, all])).map(decode);
  const atMost = Math.min(limit, MAX);
  const rows = all
    ? await db.read<Row>(LIST_APPROVALS, [org, after?.taskId ?? null, atMost])
    : await db.read<Row>(LIST_OPEN_APPROVALS, [org, after?.time ?? null, after?.taskId ?? null, atMost]);
  return rows.map(decode);
}

export async function listDueApprovals(db: Database, limit: number): Promise<TaskKey[]> {
  const rows = await db.read<{ org: string; task_id: string }>(LIST_DUE_APPROVALS, [Math.min(limit, MAX)]);
  return rows.map(({ org, task_id: taskId }) => ({ org, taskId }));
}

function decode(row: Row): Approval {
  return {
    taskId: row.task_id,
    kind: row.kind,
    goal: row.goal,
    submitterSubjectId: row.submitter,
    reason: row.reason,
    policyId: row.policy_id,
    policyVersion: row.policy_version,
    createTime: row.create_time,
    dueTime: row.due_time,
    defaultVerdict: row.default_verdict,
    verdict: row.verdict,
    approver: row.approver ?? '',
    verdictReason: row.verdict_reason ?? '',
    verdictTime: row.verdict_time,
  };
}
