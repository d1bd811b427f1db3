import { timestampDate } from '@bufbuild/protobuf/wkt';
import { CoordinatorService } from '../gen/reeve/v1/coordinator_service_pb.js';
import type { Approval } from '../gen/reeve/v1/task_approval_pb.js';
import { ApprovalVerdict as VerdictNumber } from '../gen/reeve/v1/task_approval_pb.js';
import { type ApprovalVerdict, verdictName } from '../names.js';
import { ReeveError } from '../transport/errors.js';
import { dateOf, type TaskInfo, taskInfo } from '../views.js';
import type { Call } from './call.js';
import { listPages } from './pages.js';
import { reasonOf } from './reason.js';

/** A task that waits for a person's word, or had it. */
export interface ApprovalInfo {
  readonly taskId: string;
  readonly kind: string;
  /** What is to be reached, in the submitter's words. */
  readonly goal: string;
  readonly submitterSubjectId: string;
  /** Why a person is asked: the policy's words. */
  readonly reason: string;
  readonly policyId: string;
  readonly policyVersion: number;
  readonly createTime: Date;
  /** By then `defaultVerdict` is given. */
  readonly dueTime: Date;
  readonly defaultVerdict: ApprovalVerdict;
  /** Unset: nothing was said yet, and nothing will be if the task has ended otherwise. */
  readonly verdict?: ApprovalVerdict;
  /** Who said it; empty: nobody did, the time was over. */
  readonly approver: string;
  readonly verdictReason: string;
  readonly verdictTime?: Date;
}

export interface ApprovalQuery {
  /** Those that were decided, or have ended otherwise, too; newest first. Default false: those that wait, the first due first. */
  readonly all?: boolean;
  /** At most this many; 0 is all of them. Default 0. */
  readonly limit?: number;
}

/** Tasks that wait for a person's word, as `client.approvals`. Every method throws `ReeveError`. */
export interface ApprovalsClient {
  list(query?: ApprovalQuery): AsyncIterable<ApprovalInfo>;
  /**
   * The task goes on. Idempotent; FAILED_PRECONDITION (TASK_NOT_AWAITING_APPROVAL) if it was rejected, or waits for
   * no word.
   */
  approve(taskId: string, options?: { readonly reason?: string }): Promise<TaskInfo>;
  /** The task is REJECTED. Idempotent, as `approve`. */
  reject(taskId: string, options?: { readonly reason?: string }): Promise<TaskInfo>;
}

const { method } = CoordinatorService;

export function createApprovalsClient(call: Call): ApprovalsClient {
  const decide = async (taskId: string, verdict: ApprovalVerdict, reason: string): Promise<TaskInfo> => {
    const request = { taskId, verdict: VerdictNumber[verdict], reason };
    const { task } = await call(method.decideTask, request);
    if (!task) throw new ReeveError('the coordinator answered without the task', { code: 'INTERNAL' });
    return taskInfo(task);
  };
  return {
    list: ({ all = false, limit } = {}) =>
      listPages(limit, async (page) => {
        const { approvals, nextPageToken } = await call(method.listApprovals, { ...page, all });
        return { items: approvals.map(approvalInfo), nextPageToken };
      }),
    approve: async (taskId, options) => decide(taskId, 'APPROVE', reasonOf(options)),
    reject: async (taskId, options) => decide(taskId, 'REJECT', reasonOf(options)),
  };
}

function approvalInfo(approval: Approval): ApprovalInfo {
  return {
    taskId: approval.taskId,
    kind: approval.kind,
    goal: approval.goal,
    submitterSubjectId: approval.submitterSubjectId,
    reason: approval.reason,
    policyId: approval.policyId,
    policyVersion: Number(approval.policyVersion),
    createTime: dateOf(approval.createTime),
    dueTime: dateOf(approval.dueTime),
    defaultVerdict: verdictName(approval.defaultVerdict),
    ...(approval.verdict !== VerdictNumber.UNSPECIFIED && { verdict: verdictName(approval.verdict) }),
    approver: approval.approverSubjectId,
    verdictReason: approval.verdictReason,
    ...(approval.verdictTime && { verdictTime: timestampDate(approval.verdictTime) }),
  };
}
