import type { Approval } from '../../domain/tasks/admission.js';
import type { TaskKey } from '../../ports/ready-index.js';
import type { ApprovalQuery } from '../../ports/task-decisions.js';
import type { NewTask } from '../../ports/task-record.js';
import type { ApprovalRow } from './rows.js';
import { findTask, keyOf, type Tables } from './tables.js';

const MAX = 1_000;

/** Remembers what a person is asked of a new task, if one is. */
export function ask(tables: Tables, { org, taskId, createTime, admission }: NewTask): void {
  if (admission?.kind !== 'AWAITING_APPROVAL') return;
  const { reason, policyId, policyVersion, dueTime, defaultVerdict } = admission;
  tables.approvals.set(keyOf(org, taskId), {
    ...{ org, taskId, createTime, reason, policyId, policyVersion, dueTime, defaultVerdict },
    verdict: null,
    approver: '',
    verdictReason: '',
    verdictTime: null,
    open: true,
  });
}

export function findApproval(tables: Tables, { org, taskId }: TaskKey): ApprovalRow | undefined {
  return tables.approvals.get(keyOf(org, taskId));
}

/** Nobody is asked any more about what has ended while it waited. */
export function closeApproval(tables: Tables, key: TaskKey): void {
  const row = findApproval(tables, key);
  if (row) row.open = false;
}

/** Somebody is asked again, for as long as before. */
export function reopenApproval(tables: Tables, key: TaskKey, now: number): void {
  const row = findApproval(tables, key);
  if (!row) return;
  row.open = true;
  row.dueTime = now + (row.dueTime - row.createTime);
  row.createTime = now;
}

export function listApprovals(tables: Tables, query: ApprovalQuery): Approval[] {
  const { org, all, after, limit, taskId: only } = query;
  if (only !== undefined) {
    const row = findApproval(tables, { org, taskId: only });
    return row && (all || row.open) ? [approvalOf(tables, row)] : [];
  }
  const ofOrg = [...tables.approvals.values()].filter((row) => row.org === org);
  const chosen = all
    ? ofOrg
        .filter(({ taskId }) => after === null || taskId < after.taskId)
        .sort((a, b) => (a.taskId < b.taskId ? 1 : -1))
    : ofOrg.filter((row) => row.open && (after === null || isLater(row, after))).sort(byDue);
  return chosen.slice(0, Math.min(limit, MAX)).map((row) => approvalOf(tables, row));
}

export function listDueApprovals(tables: Tables, limit: number, now: number): TaskKey[] {
  return [...tables.approvals.values()]
    .filter(({ open, dueTime }) => open && dueTime <= now)
    .sort(byDue)
    .slice(0, Math.min(limit, MAX))
    .map(({ org, taskId }) => ({ org, taskId }));
}

function byDue(a: ApprovalRow, b: ApprovalRow): number {
  return a.dueTime - b.dueTime || (a.taskId < b.taskId ? -1 : 1);
}

function isLater({ dueTime, taskId }: ApprovalRow, after: NonNullable<ApprovalQuery['after']>): boolean {
  return dueTime > after.time || (dueTime === after.time && taskId > after.taskId);
}

function approvalOf(tables: Tables, { org: _org, open: _open, ...row }: ApprovalRow): Approval {
  const spec = findTask(tables, { org: _org, taskId: row.taskId })?.spec;
  const { kind = '', goal = '', submitterSubjectId = '' } = spec ?? {};
  return { ...row, kind, goal, submitterSubjectId };
}
