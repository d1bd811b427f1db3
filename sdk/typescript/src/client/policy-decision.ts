import { type JsonObject, type JsonValue, toJson } from '@bufbuild/protobuf';
import { type Value, ValueSchema } from '@bufbuild/protobuf/wkt';
import type { PolicyDecision } from '../gen/reeve/v1/policy_pb.js';
import { type PolicyKind, policyKindName } from '../names.js';
import { dateOf } from '../views.js';

/** What a policy was asked and answered. */
export interface PolicyDecisionInfo {
  readonly kind: PolicyKind;
  /** Empty: what is built in. */
  readonly policyId: string;
  readonly version: number;
  readonly input: JsonObject;
  /** Unset if it failed. */
  readonly output?: JsonValue;
  /** Why it failed: ERROR, RUNAWAY, WRONG_RESULT, UNAVAILABLE, DEADLINE, TOO_LARGE, MISSING; empty if it did not. */
  readonly failure: string;
  /** More of it, for people. */
  readonly message: string;
  readonly tookMs: number;
  readonly decideTime: Date;
}

export function policyDecisionInfo(decision: PolicyDecision): PolicyDecisionInfo {
  const { kind, policyId, version, input = {}, output, failure, message, took, decideTime } = decision;
  return {
    kind: policyKindName(kind),
    policyId,
    version: Number(version),
    input,
    ...(output && { output: jsonOf(output) }),
    failure,
    message,
    // To the µs: policies in CEL take parts of a ms.
    tookMs: took ? Number(took.seconds) * 1_000 + took.nanos / 1e6 : 0,
    decideTime: dateOf(decideTime),
  };
}

export function jsonOf(value: Value): JsonValue {
  return toJson(ValueSchema, value);
}
