import type { JsonValue } from '../json.js';
import type { PolicyKind } from './policy.js';
import type { RecordedInput } from './policy-input.js';
import { type Question, recordedInput } from './question.js';

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

/** Who decided. */
export interface Decider {
  readonly kind: PolicyKind;
  /** Empty: what is built in. */
  readonly policyId: string;
  readonly version: number;
}

/** What came of asking. */
interface Answered {
  /** `null` if it failed. */
  readonly output: JsonValue;
  readonly failure: PolicyFailure | null;
  /** More of the failure, for people. */
  readonly message: string;
  readonly tookMs: number;
}

/** What a policy was asked and answered, for the audit trail; `PolicyDecision` of policy.proto. */
export interface Decision extends Decider, Answered {
  readonly input: RecordedInput;
  /** When it was asked, in ms since the epoch. */
  readonly time: number;
}

/** The same, on its way to the record: the texts of its question are written as they are. */
export interface NewDecision extends Answered {
  readonly by: Decider;
  readonly question: Question;
}

export function recorded({ by, question, output, failure, message, tookMs }: NewDecision): Decision {
  const { kind, policyId, version } = by;
  const input = recordedInput(question);
  return { kind, policyId, version, input, output, failure, message, tookMs, time: question.now };
}
