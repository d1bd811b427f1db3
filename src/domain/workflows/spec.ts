import type { JsonObject, JsonValue } from '../json.js';
import type { PolicyRefs } from '../policies/policy.js';
import type { Requirements } from '../tasks/requirements.js';
import type { RetryPolicy } from '../tasks/retry.js';
import type { TaskSource } from '../tasks/source.js';
import type { RoutingTerms } from '../tasks/terms.js';
import type { Tier } from '../tasks/tier.js';
import type { ExpansionSpec } from './expansion/spec.js';

/** What a workflow was started with; see workflow_spec.proto. It is plain JSON, and kept as that. */
export interface WorkflowSpec {
  readonly name: string;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly groups: readonly GroupSpec[];
  readonly context: JsonObject;
  readonly params: JsonObject;
  /** `null`: no bound. */
  readonly timeoutMs: number | null;
  readonly defaults: TaskDefaults;
  readonly submitterSubjectId: string;
  readonly jobSpaceId: string;
  readonly source: TaskSource;
}

export interface GroupSpec {
  readonly groupId: string;
  readonly name: string;
  readonly dependsOn: readonly string[];
  /** CEL; empty: none. */
  readonly condition: string;
  readonly instructions: string;
  readonly timeoutMs: number | null;
  readonly defaults: TaskDefaults;
  readonly tasks: readonly TemplateSpec[];
}

export type OnFailure = 'FAIL_WORKFLOW' | 'CONTINUE' | 'ESCALATE';

/** `null`: as who is above says: the group, the workflow, the server. */
export interface TaskDefaults {
  readonly tier: Tier | null;
  readonly requirements: Requirements | null;
  readonly retry: RetryPolicy | null;
  readonly attemptTimeoutMs: number | null;
  readonly timeoutMs: number | null;
  readonly onFailure: OnFailure | null;
  readonly expansion: ExpansionSpec | null;
  readonly policies: PolicyRefs | null;
  readonly routing: RoutingTerms | null;
}

/** What its tasks share with others, see `TaskKeys`: templates; empty: nothing. */
export interface KeyTemplates {
  readonly limits: readonly string[];
  readonly fairness: string;
  readonly affinity: string;
}

/** One task of a group, or what many are made from. */
export interface TemplateSpec {
  readonly taskId: string;
  readonly name: string;
  readonly kind: string;
  readonly input: JsonValue;
  readonly instructions: string;
  readonly messageTemplate: string;
  readonly tools: readonly string[];
  readonly files: readonly string[];
  /** A path in the context; empty: `outputs.GROUP.TASK`. */
  readonly resultKey: string;
  readonly dependsOn: readonly string[];
  readonly condition: string;
  readonly validate: string;
  readonly settings: TaskDefaults;
  readonly labels: Readonly<Record<string, string>>;
  /** What is asked before its tasks are made, by name. Left out: nothing, as in specs from before there was the field. */
  readonly lookups?: JsonObject;
  /** Left out: none, as in specs from before there was the field. */
  readonly keys?: KeyTemplates;
}
