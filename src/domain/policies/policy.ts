/** What a policy decides. */
export const POLICY_KINDS = ['APPROVAL', 'PRIORITY', 'AUCTION_INPUT', 'PLAN_RETRIEVE'] as const;
export type PolicyKind = (typeof POLICY_KINDS)[number];

/** What becomes of a task whose policy could not be asked; see `OnPolicyError` in policy.proto. */
export type OnPolicyError = 'REJECT' | 'ACCEPT' | 'DEFAULT';

/** How a policy decides. */
export type PolicyRule =
  | { readonly kind: 'CEL'; readonly expression: string }
  /** A PolicyService at `host:port`. */
  | { readonly kind: 'REMOTE'; readonly address: string; readonly plaintext: boolean };

/** One version of a rule of an organisation. */
export interface Policy {
  readonly org: string;
  readonly policyId: string;
  /** From 1. */
  readonly version: number;
  readonly kind: PolicyKind;
  readonly rule: PolicyRule;
  readonly onError: OnPolicyError;
  /** `null`: 50 ms for CEL, 1 s for a remote one. */
  readonly deadlineMs: number | null;
  readonly description: string;
  /** Ms since the epoch. */
  readonly createTime: number;
  readonly actor: string;
  /** This version says that it was deleted. */
  readonly deleted: boolean;
}

export const CEL_DEADLINE_MS = 50;
/** All organisations share one thread: in CEL a longer deadline is taken for this one. */
export const MAX_CEL_DEADLINE_MS = 1_000;
export const REMOTE_DEADLINE_MS = 1_000;

/** How long one answer of a policy may take, in ms. */
export function deadlineOf({ deadlineMs, rule }: Pick<Policy, 'deadlineMs' | 'rule'>): number {
  return deadlineMs ?? (rule.kind === 'CEL' ? CEL_DEADLINE_MS : REMOTE_DEADLINE_MS);
}

/** Policies that a task names; those that it does not are its organisation's. */
export interface PolicyRefs {
  readonly approval: string | null;
  readonly priority: string | null;
  readonly auctionInput: string | null;
  readonly planRetrieve: string | null;
}
