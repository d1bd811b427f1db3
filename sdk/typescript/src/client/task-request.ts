import { create } from '@bufbuild/protobuf';
import { durationFromMs, timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  LoadBalancing,
  PolicyRefsSchema,
  ResolutionFallback,
  ResolutionStrategy,
  RoutingSchema,
} from '../gen/reeve/v1/task_routing_pb.js';
import {
  DependencySchema,
  RequirementsSchema,
  RetryPolicySchema,
  type TaskSpec,
} from '../gen/reeve/v1/task_spec_pb.js';
import type { TaskSource, Tier } from '../names.js';
import { encodePayload } from '../payload.js';
import { AgentType, TaskSource as SourceNumber, Tier as TierNumber } from '../protocol.js';
import { ReeveError } from '../transport/errors.js';
import type { Requirements } from '../views.js';

/** What happens when an attempt fails, times out or loses its lease. Spans in ms. */
export interface RetryPolicy {
  /** Attempts in all, the first included. Default 3, at most 100. */
  readonly maxAttempts?: number;
  /** The wait before the second attempt. Default 1,000. */
  readonly initialBackoffMs?: number;
  /** The longest wait. Default 300,000. */
  readonly maxBackoffMs?: number;
  /** What each wait is multiplied by for the next. Default 2. */
  readonly backoffMultiplier?: number;
}

/** A task that another waits for. */
export interface Dependency {
  readonly taskId: string;
  /** The other runs however this one ends. Default false. */
  readonly runAnyway?: boolean;
}

/** What is to be done. */
export interface TaskRequest {
  /** The word that agents name among their capabilities, for example `document.summarize`. */
  readonly kind: string;
  /** A JSON value, bytes, or what `payload()` made; at most 256 KiB by default. */
  readonly input?: unknown;
  /** Default NORMAL. */
  readonly tier?: Tier;
  /** Default AUTOMATED. */
  readonly source?: TaskSource;
  /** Free keys and values to find it by; at most 64. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What is to be reached, in a person's words. */
  readonly goal?: string;
  /** Why it is asked for, in a person's words. */
  readonly intent?: string;
  /** Which agents may get it. Default: any that names `kind` among its capabilities. */
  readonly requirements?: Requirements;
  readonly retry?: RetryPolicy;
  /** How long one attempt may run, in ms. Default: as long as its agent renews the lease. */
  readonly attemptTimeoutMs?: number;
  /** Not before this time, at most 366 days from now: a Date, or ms since the epoch. Default: at once. */
  readonly runAt?: Date | number;
  /** By then it has to have ended, or it is TIMED_OUT; at most 366 days from now. Default: no bound. */
  readonly deadline?: Date | number;
  /**
   * Tasks that it waits for, BLOCKED until then; at most 256. It is SKIPPED as soon as one ends without
   * having succeeded, unless `runAnyway` is set for that one.
   */
  readonly dependsOn?: readonly (string | Dependency)[];
  /** The task this one is a part of. */
  readonly parentTaskId?: string;
  /** The subject on whose behalf it is submitted. Default: the caller's. */
  readonly submitterSubjectId?: string;
  /** The job space within which roles and candidates are looked up. */
  readonly jobSpaceId?: string;
  /**
   * Names this submission, so that a repeat within 7 days answers with the same task.
   * Default: a random UUID, which makes the client's own retries safe.
   */
  readonly requestId?: string;
  /**
   * How long `submit` waits until the task has an agent, which `agentId` of the handle then names;
   * otherwise its `notes` say why there is none. At most 20,000, default 0: not at all.
   */
  readonly assignWaitMs?: number;
  /** REJECTED (NO_ELIGIBLE_AGENT) if nobody may get it as things are. Default false: it waits. */
  readonly requireCandidate?: boolean;
  /** Policies for this task, by their ids, in place of the organisation's. */
  readonly policies?: PolicyRefs;
  /** How its agent is found, in place of the organisation's way. */
  readonly routing?: Routing;
  /** How soon it matters, 0 to 1000: for the formula `weighted` and for policies. Default 0. */
  readonly urgency?: number;
  /** How much it matters, 0 to 1000: for the formula `weighted` and for policies. Default 0. */
  readonly impact?: number;
  /** How far ahead it is to go, 0 to 1000: for the formula `submitter`, where 1000 is 48 h, and for policies. Default 0. */
  readonly priority?: number;
  /** Limits that it counts against while an agent has it, by their keys in the parameter `limits`; at most 8. */
  readonly limitKeys?: readonly string[];
  /** Within a tier those of one key share a turn: a tenant, a customer. */
  readonly fairnessKey?: string;
  /** An agent that did a task of this key lately is preferred: a session, a loaded document. */
  readonly affinityKey?: string;
}

/** Policies by their ids; those that are left out are the organisation's. */
export interface PolicyRefs {
  readonly approval?: string;
  readonly priority?: string;
  readonly auctionInput?: string;
  readonly planRetrieve?: string;
}

/** How an agent is found for a task; what is left out is as its organisation has it. */
export interface Routing {
  readonly strategy?: Exclude<keyof typeof ResolutionStrategy, 'UNSPECIFIED'>;
  /** By which strategy one of the eligible is chosen. */
  readonly loadBalancing?: Exclude<keyof typeof LoadBalancing, 'UNSPECIFIED'>;
  /** With STATIC: who gets it. */
  readonly staticSubjectId?: string;
  /** With STATIC: one of those who hold this role gets it. */
  readonly staticRoleId?: string;
  /** What happens if the chosen agent is gone, declines, or does not begin in time. */
  readonly fallback?: Exclude<keyof typeof ResolutionFallback, 'UNSPECIFIED'>;
}

/** Throws {@link ReeveError} INVALID_ARGUMENT if the input has no JSON. */
export function taskSpec(request: TaskRequest): TaskSpec {
  const { requirements, retry, attemptTimeoutMs, runAt, deadline, dependsOn = [] } = request;
  const spec: TaskSpec = {
    $typeName: 'reeve.v1.TaskSpec',
    // Programs without types may leave it out, which the server says then.
    kind: request.kind ?? '',
    tier: TierNumber[request.tier ?? 'NORMAL'],
    source: SourceNumber[request.source ?? 'AUTOMATED'],
    labels: { ...request.labels },
    goal: request.goal ?? '',
    intent: request.intent ?? '',
    submitterSubjectId: request.submitterSubjectId ?? '',
    jobSpaceId: request.jobSpaceId ?? '',
    parentTaskId: request.parentTaskId ?? '',
    dependencies: dependsOn.map((on) =>
      create(DependencySchema, typeof on === 'string' ? { taskId: on } : { runAnyway: false, ...on }),
    ),
    urgency: request.urgency ?? 0,
    impact: request.impact ?? 0,
    priority: request.priority ?? 0,
    limitKeys: [...(request.limitKeys ?? [])],
    fairnessKey: request.fairnessKey ?? '',
    affinityKey: request.affinityKey ?? '',
  };
  if (request.policies) spec.policies = create(PolicyRefsSchema, request.policies);
  if (request.routing) spec.routing = routingMessage(request.routing);
  const input = encodeInput(request.input);
  if (input) spec.input = input;
  if (requirements) spec.requirements = requirementsMessage(requirements);
  if (retry) spec.retry = retryPolicy(retry);
  if (attemptTimeoutMs !== undefined) spec.attemptTimeout = durationFromMs(attemptTimeoutMs);
  if (runAt !== undefined) spec.runAt = timestampFromMs(Number(runAt));
  if (deadline !== undefined) spec.deadline = timestampFromMs(Number(deadline));
  return spec;
}

function routingMessage({ strategy, loadBalancing, fallback, ...chosen }: Routing) {
  return create(RoutingSchema, {
    ...chosen,
    strategy: ResolutionStrategy[strategy ?? 'UNSPECIFIED'],
    loadBalancing: LoadBalancing[loadBalancing ?? 'UNSPECIFIED'],
    fallback: ResolutionFallback[fallback ?? 'UNSPECIFIED'],
  });
}

export function requirementsMessage(requirements: Requirements) {
  const { prefer } = requirements;
  return create(RequirementsSchema, {
    agentType: AgentType[requirements.agentType ?? 'UNSPECIFIED'],
    capabilities: [...(requirements.capabilities ?? [])],
    services: [...(requirements.services ?? [])],
    tags: [...(requirements.tags ?? [])],
    region: requirements.region ?? '',
    minHealth: requirements.minHealth,
    agentId: requirements.agentId ?? '',
    roles: [...(requirements.roles ?? [])],
    ...(prefer && {
      prefer: {
        region: prefer.region ?? '',
        ...(prefer.location && { location: { ...prefer.location } }),
      },
    }),
  });
}

function retryPolicy({ maxAttempts, initialBackoffMs, maxBackoffMs, backoffMultiplier }: RetryPolicy) {
  return create(RetryPolicySchema, {
    maxAttempts: maxAttempts ?? 0,
    ...(initialBackoffMs !== undefined && { initialBackoff: durationFromMs(initialBackoffMs) }),
    ...(maxBackoffMs !== undefined && { maxBackoff: durationFromMs(maxBackoffMs) }),
    backoffMultiplier: backoffMultiplier ?? 0,
  });
}

function encodeInput(input: unknown) {
  try {
    return encodePayload(input);
  } catch (cause) {
    const description = cause instanceof Error ? cause.message : String(cause);
    throw new ReeveError(`task.input: ${description}`, {
      code: 'INVALID_ARGUMENT',
      reason: 'INVALID_FIELD',
      violations: [{ field: 'task.input', description }],
      cause,
    });
  }
}
