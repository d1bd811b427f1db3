import type { JsonObject, JsonValue } from '../json.js';

/**
 * A task as policies see it: `PolicyTask` of policy.proto as JSON, under the names of its fields. Enums are
 * names without prefix, times are ms since the epoch (`timestamp` in CEL), what is unset is `null`.
 */
export interface PolicyTask {
  readonly task_id: string;
  readonly kind: string;
  readonly goal: string;
  readonly intent: string;
  readonly submitter_subject_id: string;
  readonly job_space_id: string;
  readonly parent_task_id: string;
  readonly tier: string;
  readonly source: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Only where the rule names it; `null` if it is not JSON. */
  readonly input?: JsonValue;
  readonly urgency: number;
  readonly impact: number;
  readonly priority: number;
  readonly dependencies: number;
  readonly create_time: number;
  readonly run_at: number | null;
  readonly deadline: number | null;
  readonly capabilities: readonly string[];
  readonly roles: readonly string[];
}

/** An agent as policies see it: `PolicyCandidate` of policy.proto as JSON. */
export interface PolicyCandidate {
  readonly agent_id: string;
  readonly agent_type: string;
  readonly capabilities: readonly string[];
  readonly services: readonly string[];
  readonly tags: readonly string[];
  readonly region: string;
  readonly version: string;
  readonly health_score: number;
  readonly slots: number;
  readonly in_flight: number;
  readonly attempts: number;
  readonly success_rate: number;
  readonly mean_seconds: number;
  /** Shares from 0 to 1; `null`: not reported. */
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly gpu: number | null;
}

/** What a policy is asked with. */
export interface PolicyInput {
  readonly task: PolicyTask;
  /** Of plan-and-retrieve. */
  readonly candidates?: readonly PolicyCandidate[];
  /** The organisation's parameters by key, those that are set. */
  readonly org: JsonObject;
  /** Ms since the epoch. */
  readonly now: number;
}

/** What a policy was told, as the trail keeps it: of a rule in CEL not all fields, but enough to ask it again. */
export interface RecordedInput {
  readonly task: Partial<PolicyTask>;
  readonly candidates?: readonly Partial<PolicyCandidate>[];
  readonly org: JsonObject;
  /** Ms since the epoch. */
  readonly now: number;
}

/** Whether a rule names the task's input, which is decoded only then. */
export function namesInput(expression: string): boolean {
  return /\binput\b/.test(expression);
}
