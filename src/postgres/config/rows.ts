import type { JobKind } from '../../domain/jobs/job-kind.js';
import type { JsonObject, JsonValue } from '../../domain/json.js';
import type { OnPolicyError, Policy, PolicyKind, PolicyRule } from '../../domain/policies/policy.js';
import type { StoredParameter } from '../../ports/config-record.js';

/** Times are in ms, with fractions where they come within JSON. */
export interface ParameterRow {
  readonly key: string;
  readonly value: JsonValue;
  readonly version: number;
  readonly update_time: number;
  readonly actor: string;
}

export interface PolicyRow {
  readonly org: string;
  readonly policy_id: string;
  readonly version: number;
  readonly kind: PolicyKind;
  readonly rule: PolicyRule;
  readonly on_error: OnPolicyError;
  readonly deadline_ms: number | null;
  readonly description: string;
  readonly create_time: number;
  readonly actor: string;
  readonly deleted: boolean;
}

export interface JobKindRow {
  readonly org: string;
  readonly kind: string;
  readonly input_schema: JsonObject | null;
  readonly required_fields: readonly string[];
  readonly validate: string;
  readonly description: string;
  readonly preemptible: boolean;
  readonly version: number;
  readonly update_time: number;
  readonly actor: string;
}

export function decodeParameter({ update_time: time, ...row }: ParameterRow): StoredParameter {
  return { ...row, updateTime: Math.floor(time) };
}

export function decodePolicy(row: PolicyRow): Policy {
  return {
    org: row.org,
    policyId: row.policy_id,
    version: row.version,
    kind: row.kind,
    rule: row.rule,
    onError: row.on_error,
    deadlineMs: row.deadline_ms,
    description: row.description,
    createTime: Math.floor(row.create_time),
    actor: row.actor,
    deleted: row.deleted,
  };
}

export function decodeJobKind(row: JobKindRow): JobKind {
  return {
    org: row.org,
    kind: row.kind,
    inputSchema: row.input_schema,
    requiredFields: row.required_fields,
    validate: row.validate,
    description: row.description,
    preemptible: row.preemptible,
    version: row.version,
    updateTime: Math.floor(row.update_time),
    actor: row.actor,
  };
}
