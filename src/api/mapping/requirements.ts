import { create } from '@bufbuild/protobuf';
import {
  AgentType,
  type Place,
  PlaceSchema,
  type Requirements,
  RequirementsSchema,
  type TaskSpec,
} from '@reeve/sdk/protocol';
import type { Place as DomainPlace } from '../../domain/agents/location.js';
import type { TaskKeys } from '../../domain/tasks/keys.js';
import {
  type Requirements as DomainRequirements,
  NO_REQUIREMENTS,
  requirementsOfKind,
  withKeys,
} from '../../domain/tasks/requirements.js';
import { toDomainAgentType, toDomainLocation } from './agent.js';
import { sortedDistinct } from './lists.js';

/** Those that a task names; empty or left out: none. */
interface NamedKeys {
  readonly limitKeys?: readonly string[];
  readonly fairnessKey?: string;
  readonly affinityKey?: string;
}

type Asked = Pick<TaskSpec, 'kind' | 'requirements'> & NamedKeys;

/** Those of a task: one that names no capabilities requires its kind. */
export function toDomainRequirements(spec: Asked): DomainRequirements {
  const { kind, requirements } = spec;
  const keys = keysOf(spec);
  if (!requirements) return keys ? withKeys(requirementsOfKind(kind), keys) : requirementsOfKind(kind);
  const made = toAnyRequirements(requirements);
  return { ...made, ...(made.capabilities.length === 0 && { capabilities: [kind] }), keys };
}

/** `null`: it names none. */
export function keysOf({ limitKeys = [], fairnessKey = '', affinityKey = '' }: NamedKeys): TaskKeys | null {
  if (limitKeys.length === 0 && fairnessKey === '' && affinityKey === '') return null;
  return { limits: sortedDistinct(limitKeys), fairness: fairnessKey || null, affinity: affinityKey || null };
}

/** Those of tasks whose kind is not known: without capabilities where none are named. */
export function toAnyRequirements(r: Requirements): DomainRequirements {
  return {
    ...NO_REQUIREMENTS,
    agentType: toDomainAgentType(r.agentType),
    capabilities: sortedDistinct(r.capabilities),
    services: sortedDistinct(r.services),
    tags: sortedDistinct(r.tags),
    region: r.region || null,
    minHealth: r.minHealth ?? null,
    agentId: r.agentId || null,
    prefer: toDomainPlace(r.prefer),
    roles: sortedDistinct(r.roles),
  };
}

function toDomainPlace(place: Place | undefined): DomainPlace | null {
  if (!place?.region && !place?.location) return null;
  return { region: place.region || null, location: toDomainLocation(place.location) };
}

export function toProtoRequirements(r: DomainRequirements): Requirements {
  return create(RequirementsSchema, {
    agentType: r.agentType === null ? AgentType.UNSPECIFIED : AgentType[r.agentType],
    capabilities: [...r.capabilities],
    services: [...r.services],
    tags: [...r.tags],
    region: r.region ?? '',
    ...(r.minHealth === null ? {} : { minHealth: r.minHealth }),
    agentId: r.agentId ?? '',
    roles: [...r.roles],
    ...(r.prefer ? { prefer: toProtoPlace(r.prefer) } : {}),
  });
}

function toProtoPlace({ region, location }: DomainPlace): Place {
  return create(PlaceSchema, {
    region: region ?? '',
    ...(location ? { location: { ...location } } : {}),
  });
}
