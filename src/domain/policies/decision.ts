import type { JsonValue } from '../json.js';
import type { PolicyKind } from './policy.js';
import type { PolicyInput } from './policy-input.js';

/**
 * Why a policy has no answer: it threw; ran over its deadline and was ended; answered what its kind does not
 * take; could not be reached; did not answer in time; is too large or got too much; or does not exist.
 */
export type PolicyFailure =
  | 'ERROR'
  | 'RUNAWAY'
  | 'WRONG_RESULT'
  | 'UNAVAILABLE'
  | 'DEADLINE'
  | 'TOO_LARGE'
  | 'MISSING';

/** What a policy was asked and answered, for the audit trail; `PolicyDecision` of policy.proto. */
export interface Decision {
  readonly kind: PolicyKind;
  /** Empty: what is built in. */
  readonly policyId: string;
  readonly version: number;
  readonly input: PolicyInput;
  /** `null` if it failed. */
  readonly output: JsonValue;
  readonly failure: PolicyFailure | null;
  /** More of the failure, for people. */
  readonly message: string;
  readonly tookMs: number;
  /** Ms since the epoch. */
  readonly time: number;
}
