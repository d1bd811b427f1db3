/** What an approval policy says of a task. */
export type ApprovalAnswer =
  | { readonly verdict: 'ACCEPTED'; readonly reason: string }
  | { readonly verdict: 'REJECTED'; readonly reason: string }
  /** `dueMs`: how long a person has; `null`: the organisation's `approval_timeout`. */
  | { readonly verdict: 'NEEDS_HUMAN'; readonly reason: string; readonly dueMs: number | null };

/** What a priority policy says: from 0 to 1000. */
export interface PriorityAnswer {
  readonly priority: number;
}

/** What plan-and-retrieve says: a candidate's id; empty: no choice. */
export interface PlanAnswer {
  readonly headAgentSubjectId: string;
  readonly reason: string;
}
