import { fromJson, type JsonObject, type MessageInitShape, toJson } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import { type PolicyDecision, type PolicyDecisionSchema, PolicyKind } from '@reeve/sdk/protocol';
import type { JsonValue } from '../../domain/json.js';
import type { Decision, PolicyFailure } from '../../domain/policies/decision.js';
import type { RecordedInput } from '../../domain/policies/policy-input.js';
import { toDomainPolicyKind } from './policy.js';
import { durationOf, timeOf, timestampOf } from './time.js';

/** What a policy was asked and answered, as answers hold it. */
export function toProtoDecision(decision: Decision): MessageInitShape<typeof PolicyDecisionSchema> {
  return {
    kind: PolicyKind[decision.kind],
    policyId: decision.policyId,
    version: BigInt(decision.version),
    input: structOf(decision.input),
    ...(decision.failure === null && { output: jsonValueOf(decision.output) }),
    failure: decision.failure ?? '',
    message: decision.message,
    took: spanOf(decision.tookMs),
    decideTime: timestampOf(decision.time),
  };
}

/** The same, read; `null` if its kind is one of a newer program. */
export function toDomainDecision(decision: PolicyDecision): Decision | null {
  const kind = toDomainPolicyKind(decision.kind);
  if (!kind) return null;
  const { took } = decision;
  return {
    kind,
    policyId: decision.policyId,
    version: Number(decision.version),
    // It was made from one.
    input: (decision.input ?? {}) as unknown as RecordedInput,
    output: decision.output ? toJson(ValueSchema, decision.output) : null,
    failure: (decision.failure as PolicyFailure) || null,
    message: decision.message,
    tookMs: took ? Number(took.seconds) * 1_000 + took.nanos / 1e6 : 0,
    time: timeOf(decision.decideTime) ?? 0,
  };
}

/** Any JSON as a message. */
export function jsonValueOf(json: JsonValue) {
  return fromJson(ValueSchema, json as Parameters<typeof fromJson>[1]);
}

/** An input as a message: it is JSON, all of it. */
export function structOf(input: RecordedInput): JsonObject {
  return input as unknown as JsonObject;
}

/** Local policies take parts of a ms. */
function spanOf(ms: number) {
  const whole = durationOf(Math.floor(ms));
  return { ...whole, nanos: whole.nanos + Math.round((ms - Math.floor(ms)) * 1e6) };
}
