import type { MessageInitShape } from '@bufbuild/protobuf';
import { type ApprovalSchema, ApprovalVerdict } from '@reeve/sdk/protocol';
import type { Approval, Verdict } from '../../domain/tasks/admission.js';
import { optionalTimestampOf, timestampOf } from './time.js';

export function toProtoApproval(approval: Approval): MessageInitShape<typeof ApprovalSchema> {
  return {
    taskId: approval.taskId,
    kind: approval.kind,
    goal: approval.goal,
    submitterSubjectId: approval.submitterSubjectId,
    reason: approval.reason,
    policyId: approval.policyId,
    policyVersion: BigInt(approval.policyVersion),
    createTime: timestampOf(approval.createTime),
    dueTime: timestampOf(approval.dueTime),
    defaultVerdict: ApprovalVerdict[approval.defaultVerdict],
    verdict: approval.verdict === null ? ApprovalVerdict.UNSPECIFIED : ApprovalVerdict[approval.verdict],
    approverSubjectId: approval.approver,
    verdictReason: approval.verdictReason,
    verdictTime: optionalTimestampOf(approval.verdictTime),
  };
}

/** `null`: one of a newer client. */
export function toDomainVerdict(verdict: ApprovalVerdict): Verdict | null {
  if (verdict === ApprovalVerdict.APPROVE) return 'APPROVE';
  return verdict === ApprovalVerdict.REJECT ? 'REJECT' : null;
}
