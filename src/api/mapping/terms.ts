import { fromBinary } from '@bufbuild/protobuf';
import {
  LoadBalancing,
  type PolicyRefs,
  ResolutionFallback,
  ResolutionStrategy,
  type Routing,
  type TaskSpec,
  TaskSpecSchema,
} from '@reeve/sdk/protocol';
import type { JsonValue } from '../../domain/json.js';
import {
  NO_POLICIES,
  NO_ROUTING,
  NO_TERMS,
  type RoutingTerms,
  type Terms,
} from '../../domain/tasks/terms.js';
import type { SpecReader } from '../../usecases/ports.js';
import { nameOf } from './enum-names.js';
import { isJson } from './payload.js';

/** What a task says of the rules that it goes by. */
export function toTerms(
  spec: Pick<TaskSpec, 'policies' | 'routing' | 'urgency' | 'impact' | 'priority'>,
): Terms {
  const { policies, routing, urgency, impact, priority } = spec;
  if (!policies && !routing && urgency === 0 && impact === 0 && priority === 0) return NO_TERMS;
  return {
    policies: policies ? toPolicyRefs(policies) : NO_POLICIES,
    routing: routing ? toRouting(routing) : NO_ROUTING,
    urgency,
    impact,
    priority,
  };
}

export function toPolicyRefs({
  approval,
  priority,
  auctionInput,
  planRetrieve,
}: PolicyRefs): Terms['policies'] {
  return {
    approval: approval || null,
    priority: priority || null,
    auctionInput: auctionInput || null,
    planRetrieve: planRetrieve || null,
  };
}

export function toRouting(routing: Routing): RoutingTerms {
  return {
    strategy: nameOf(ResolutionStrategy, routing.strategy),
    loadBalancing: nameOf(LoadBalancing, routing.loadBalancing),
    staticSubjectId: routing.staticSubjectId || null,
    staticRoleId: routing.staticRoleId || null,
    fallback: nameOf(ResolutionFallback, routing.fallback),
  };
}

export const specReader: SpecReader = {
  termsOf: (body) => toTerms(fromBinary(TaskSpecSchema, body)),
  inputOf(body) {
    const { input } = fromBinary(TaskSpecSchema, body);
    return input?.content.case === 'data' ? jsonOf(input.mediaType, input.content.value) : null;
  },
  hasInput: (body) => fromBinary(TaskSpecSchema, body).input !== undefined,
};

/** `null` if it is not JSON. */
export function jsonOf(mediaType: string, data: Uint8Array): JsonValue {
  if (!isJson(mediaType)) return null;
  try {
    return JSON.parse(new TextDecoder().decode(data)) as JsonValue;
  } catch {
    return null;
  }
}
