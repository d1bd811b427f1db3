import type { JsonObject, JsonValue, MessageInitShape } from '@bufbuild/protobuf';
import { durationFromMs, durationMs } from '@bufbuild/protobuf/wkt';
import { AgentType as AgentTypeNumber } from '../gen/reeve/v1/agent_pb.js';
import { ConfigService } from '../gen/reeve/v1/config_service_pb.js';
import {
  PolicyKind as KindNumber,
  OnPolicyError as OnErrorNumber,
  type Policy,
  type PolicyCandidateSchema,
  type PolicySchema,
} from '../gen/reeve/v1/policy_pb.js';
import type { TestPolicyRequestSchema } from '../gen/reeve/v1/policy_steering_pb.js';
import {
  type AgentType,
  type OnPolicyError,
  onPolicyErrorName,
  type PolicyKind,
  policyKindName,
} from '../names.js';
import { ReeveError } from '../transport/errors.js';
import { dateOf } from '../views.js';
import type { Call } from './call.js';
import { listPages } from './pages.js';
import { jsonOf, type PolicyDecisionInfo, policyDecisionInfo } from './policy-decision.js';
import { type TaskRequest, taskSpec } from './task-request.js';

/** A PolicyService that the organisation serves. */
export interface RemotePolicy {
  /** `host:port`. */
  readonly address: string;
  /** Without TLS; only where the server's setting `policy-plaintext-hosts` allows it. Default false. */
  readonly plaintext?: boolean;
}

/** A rule as it is to be. Either `cel` or `remote` is set. */
export interface PolicyRequest {
  readonly policyId: string;
  readonly kind: PolicyKind;
  /** An expression in CEL. */
  readonly cel?: string;
  readonly remote?: RemotePolicy;
  /** What becomes of a task if the policy cannot be asked. Default DEFAULT: what its kind does without one. */
  readonly onError?: OnPolicyError;
  /** How long one answer may take, in ms. Default 50 for CEL, 1,000 for a remote one, its repeats included. */
  readonly deadlineMs?: number;
  /** What it is for, for people. */
  readonly description?: string;
}

/** One version of a rule. */
export interface PolicyInfo extends PolicyRequest {
  readonly onError: OnPolicyError;
  readonly description: string;
  /** From 1; each put makes a new one. Its text is the etag. */
  readonly version: number;
  readonly createTime: Date;
  /** The subject that put it. */
  readonly actor: string;
  /** This version says that it was deleted. */
  readonly deleted: boolean;
}

export interface PolicyPutOptions {
  /** The version that was read; `*` for one that must not be there yet. */
  readonly etag?: string;
  /** Only check, and change nothing. Default false. */
  readonly validateOnly?: boolean;
}

export interface PolicyQuery {
  readonly kind?: PolicyKind;
  /** All versions of this policy, newest first, deleted or not. */
  readonly versionsOf?: string;
  /** At most this many; 0 is all of them. Default 0. */
  readonly limit?: number;
}

/** An agent made up for a trial. */
export interface SampleCandidate {
  readonly agentId: string;
  readonly agentType?: AgentType;
  readonly capabilities?: readonly string[];
  readonly services?: readonly string[];
  readonly tags?: readonly string[];
  readonly region?: string;
  readonly version?: string;
  /** Default 1. */
  readonly healthScore?: number;
  /** Default 1. */
  readonly slots?: number;
  readonly inFlight?: number;
  readonly attempts?: number;
  /** Default 1. */
  readonly successRate?: number;
  readonly meanSeconds?: number;
}

/** What a policy is tried on: a stored task, one as it would be submitted, or an input as a decision recorded it. */
export type PolicySample =
  | { readonly taskId: string; readonly candidates?: readonly SampleCandidate[] }
  | { readonly task: TaskRequest; readonly candidates?: readonly SampleCandidate[] }
  | { readonly input: JsonObject; readonly candidates?: readonly SampleCandidate[] };

/** A part of an expression, and what it came to. */
export interface PolicyTraceStep {
  readonly expression: string;
  /** Unset if it failed. */
  readonly value?: JsonValue;
  /** Why it failed; else empty. */
  readonly error: string;
}

export interface PolicyTrial {
  readonly decision: PolicyDecisionInfo;
  /** What would become of the task, for people. */
  readonly effect: string;
  /** Innermost first; none of a remote policy. */
  readonly trace: readonly PolicyTraceStep[];
}

/** Rules of the organisation, as `client.policies`. Every method throws `ReeveError`. */
export interface PoliciesClient {
  /**
   * Makes a new version of a policy. INVALID_ARGUMENT (POLICY_INVALID) with a violation for each problem of
   * the expression; FAILED_PRECONDITION (POLICY_OF_OTHER_KIND); ABORTED (ETAG_MISMATCH).
   */
  put(policy: PolicyRequest, options?: PolicyPutOptions): Promise<PolicyInfo>;
  /** The newest version unless another is asked for. NOT_FOUND (POLICY_NOT_FOUND). */
  get(policyId: string, options?: { readonly version?: number }): Promise<PolicyInfo>;
  /** By id. */
  list(query?: PolicyQuery): AsyncIterable<PolicyInfo>;
  /** Gives it as it was. FAILED_PRECONDITION (POLICY_IN_USE) while a parameter names it. */
  delete(policyId: string, options?: { readonly etag?: string }): Promise<PolicyInfo>;
  /** Tries a policy, one that is stored or one that is given; nothing comes of it. */
  test(
    policy: string | PolicyRequest,
    sample: PolicySample,
    options?: { readonly version?: number },
  ): Promise<PolicyTrial>;
}

type SampleInit = NonNullable<MessageInitShape<typeof TestPolicyRequestSchema>['sample']>;

const { method } = ConfigService;

export function createPoliciesClient(call: Call): PoliciesClient {
  return {
    put: async (policy, { etag = '', validateOnly = false } = {}) => {
      const request = { policy: policyMessage(policy), etag, validateOnly };
      return infoOf((await call(method.putPolicy, request)).policy);
    },
    get: async (policyId, { version = 0 } = {}) =>
      infoOf((await call(method.getPolicy, { policyId, version: BigInt(version) })).policy),
    list: ({ kind, versionsOf = '', limit } = {}) =>
      listPages(limit, async (page) => {
        const request = { ...page, kind: kind ? KindNumber[kind] : KindNumber.UNSPECIFIED, versionsOf };
        const { policies, nextPageToken } = await call(method.listPolicies, request);
        return { items: policies.map(policyInfo), nextPageToken };
      }),
    delete: async (policyId, { etag = '' } = {}) =>
      infoOf((await call(method.deletePolicy, { policyId, etag })).policy),
    test: async (policy, sample, { version = 0 } = {}) => {
      const subject =
        typeof policy === 'string'
          ? ({ case: 'policyId', value: policy } as const)
          : ({ case: 'policy', value: policyMessage(policy) } as const);
      const { decision, effect, trace } = await call(method.testPolicy, {
        subject,
        version: BigInt(version),
        sample: sampleMessage(sample),
        candidates: (sample.candidates ?? []).map(candidateMessage),
      });
      if (!decision)
        throw new ReeveError('the coordinator answered without a decision', { code: 'INTERNAL' });
      const steps = trace.map(({ expression, value, error }) => {
        return { expression, ...(value && { value: jsonOf(value) }), error };
      });
      return { decision: policyDecisionInfo(decision), effect, trace: steps };
    },
  };
}

function policyMessage(policy: PolicyRequest): MessageInitShape<typeof PolicySchema> {
  const { policyId, kind, cel, remote, onError = 'DEFAULT', deadlineMs, description = '' } = policy;
  const rule: MessageInitShape<typeof PolicySchema>['rule'] = remote
    ? { case: 'remote', value: { address: remote.address, plaintext: remote.plaintext ?? false } }
    : cel === undefined
      ? { case: undefined }
      : { case: 'cel', value: cel };
  return {
    policyId,
    kind: KindNumber[kind],
    rule,
    onError: OnErrorNumber[onError],
    ...(deadlineMs !== undefined && { deadline: durationFromMs(deadlineMs) }),
    description,
  };
}

function sampleMessage(sample: PolicySample): SampleInit {
  if ('taskId' in sample) return { case: 'taskId', value: sample.taskId };
  if ('task' in sample) return { case: 'task', value: taskSpec(sample.task) };
  // Programs without types may leave it out, which the server says then.
  return sample.input === undefined ? { case: undefined } : { case: 'input', value: sample.input };
}

function candidateMessage(candidate: SampleCandidate): MessageInitShape<typeof PolicyCandidateSchema> {
  const { agentType = 'GENERAL', capabilities = [], services = [], tags = [], ...rest } = candidate;
  return {
    healthScore: 1,
    slots: 1,
    successRate: 1,
    ...rest,
    agentType: AgentTypeNumber[agentType],
    capabilities: [...capabilities],
    services: [...services],
    tags: [...tags],
  };
}

function infoOf(policy: Policy | undefined): PolicyInfo {
  if (policy) return policyInfo(policy);
  throw new ReeveError('the coordinator answered without the policy', { code: 'INTERNAL' });
}

function policyInfo(policy: Policy): PolicyInfo {
  const { policyId, kind, rule, onError, deadline, description, version, deleted } = policy;
  return {
    policyId,
    kind: policyKindName(kind),
    ...(rule.case === 'cel' && { cel: rule.value }),
    ...(rule.case === 'remote' && {
      remote: { address: rule.value.address, plaintext: rule.value.plaintext },
    }),
    onError: onPolicyErrorName(onError),
    ...(deadline && { deadlineMs: durationMs(deadline) }),
    description,
    version: Number(version),
    createTime: dateOf(policy.createTime),
    actor: policy.actorSubjectId,
    deleted,
  };
}
