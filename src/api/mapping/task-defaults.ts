import { create } from '@bufbuild/protobuf';
import {
  LoadBalancing,
  OnFailure,
  PolicyRefsSchema,
  ResolutionFallback,
  ResolutionStrategy,
  RoutingSchema,
  type TaskDefaults,
  TaskDefaultsSchema,
  Tier,
} from '@reeve/sdk/protocol';
import type { RetryPolicy } from '../../domain/tasks/retry.js';
import type { TaskDefaults as DomainDefaults } from '../../domain/workflows/spec.js';
import { nameOf } from './enum-names.js';
import { toDomainExpansion, toProtoExpansion } from './expansion.js';
import { toAnyRequirements, toProtoRequirements } from './requirements.js';
import { toDomainRetry, toProtoRetry } from './retry.js';
import { toPolicyRefs, toRouting } from './terms.js';
import { durationOf, msOf } from './time.js';

/** Of what says nothing. */
export const NO_DEFAULTS: DomainDefaults = {
  tier: null,
  requirements: null,
  retry: null,
  attemptTimeoutMs: null,
  timeoutMs: null,
  onFailure: null,
  expansion: null,
  policies: null,
  routing: null,
};

/**
 * What tasks of a workflow have, as far as it is said. Requirements without capabilities have none here: the kind of
 * the task that they come to is theirs.
 *
 * @param retry what holds of a retry policy that does not say
 * @param path where they are in the request, for errors
 */
export function toDomainDefaults(
  defaults: TaskDefaults | undefined,
  retry: RetryPolicy,
  path: string,
): DomainDefaults {
  if (!defaults) return NO_DEFAULTS;
  return {
    tier: nameOf(Tier, defaults.tier),
    requirements: defaults.requirements ? toAnyRequirements(defaults.requirements) : null,
    retry: defaults.retry ? toDomainRetry(defaults.retry, retry, path) : null,
    attemptTimeoutMs: msOf(defaults.attemptTimeout),
    timeoutMs: msOf(defaults.timeout),
    onFailure: nameOf(OnFailure, defaults.onFailure),
    expansion: defaults.expansion ? toDomainExpansion(defaults.expansion) : null,
    policies: defaults.policies ? toPolicyRefs(defaults.policies) : null,
    routing: defaults.routing ? toRouting(defaults.routing) : null,
  };
}

export function toProtoDefaults(defaults: DomainDefaults): TaskDefaults {
  const { tier, requirements, retry, attemptTimeoutMs, timeoutMs, onFailure, expansion } = defaults;
  return create(TaskDefaultsSchema, {
    tier: Tier[tier ?? 'UNSPECIFIED'],
    onFailure: OnFailure[onFailure ?? 'UNSPECIFIED'],
    ...(requirements && { requirements: toProtoRequirements(requirements) }),
    ...(retry && { retry: toProtoRetry(retry) }),
    ...(attemptTimeoutMs !== null && { attemptTimeout: durationOf(attemptTimeoutMs) }),
    ...(timeoutMs !== null && { timeout: durationOf(timeoutMs) }),
    ...(expansion && { expansion: toProtoExpansion(expansion) }),
    ...(defaults.policies && { policies: toProtoRefs(defaults.policies) }),
    ...(defaults.routing && { routing: toProtoRouting(defaults.routing) }),
  });
}

function toProtoRefs(refs: NonNullable<DomainDefaults['policies']>) {
  const { approval, priority, auctionInput, planRetrieve } = refs;
  return create(PolicyRefsSchema, {
    approval: approval ?? '',
    priority: priority ?? '',
    auctionInput: auctionInput ?? '',
    planRetrieve: planRetrieve ?? '',
  });
}

function toProtoRouting(routing: NonNullable<DomainDefaults['routing']>) {
  return create(RoutingSchema, {
    strategy: ResolutionStrategy[routing.strategy ?? 'UNSPECIFIED'],
    loadBalancing: LoadBalancing[routing.loadBalancing ?? 'UNSPECIFIED'],
    staticSubjectId: routing.staticSubjectId ?? '',
    staticRoleId: routing.staticRoleId ?? '',
    fallback: ResolutionFallback[routing.fallback ?? 'UNSPECIFIED'],
  });
}
