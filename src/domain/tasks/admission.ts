/** What was decided of a task before it was accepted. */
export type Admission =
  | { readonly kind: 'ACCEPTED' }
  /** It is stored as REJECTED, with this reason. */
  | { readonly kind: 'REJECTED'; readonly reason: string }
  /** It waits for a person's word. */
  | {
      readonly kind: 'AWAITING_APPROVAL';
      /** Why a person is asked. */
      readonly reason: string;
      readonly policyId: string;
      readonly policyVersion: number;
      /** Ms since the epoch. */
      readonly dueTime: number;
      /** What holds if nobody says anything. */
      readonly defaultVerdict: Verdict;
    };

/** What a person says of a task. */
export type Verdict = 'APPROVE' | 'REJECT';

/** A task that waits for a person's word, or had it; see `Approval` in task_approval.proto. */
export interface Approval {
  readonly taskId: string;
  readonly kind: string;
  readonly goal: string;
  readonly submitterSubjectId: string;
  readonly reason: string;
  readonly policyId: string;
  readonly policyVersion: number;
  /** Ms since the epoch, as all times. */
  readonly createTime: number;
  readonly dueTime: number;
  readonly defaultVerdict: Verdict;
  /** `null`: none yet, or the task has ended otherwise. */
  readonly verdict: Verdict | null;
  /** Empty: nobody said anything in time. */
  readonly approver: string;
  readonly verdictReason: string;
  readonly verdictTime: number | null;
}

/** Why a task was decided that nobody decided in time. */
export const APPROVAL_DUE = 'APPROVAL_DUE';
