import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type AgentSchema,
  type AgentSpec,
  type AgentSpecSchema,
  AgentStatus,
  AgentType,
  type LoadReport,
  type LoadReportSchema,
  type Location,
} from '@reeve/sdk/protocol';
import type {
  LoadReport as DomainLoad,
  AgentSpec as DomainSpec,
  AgentType as DomainType,
} from '../../domain/agents/agent.js';
import type { Location as DomainLocation } from '../../domain/agents/location.js';
import type { AgentView } from '../../ports/fleet.js';
import { sortedDistinct } from './lists.js';
import { optionalTimestampOf, timestampOf } from './time.js';

/** Agents may ask for more than an answer can say. */
const MAX_UINT32 = 2 ** 32 - 1;

const TYPES: ReadonlyMap<AgentType, DomainType> = new Map([
  [AgentType.WORKER, 'WORKER'],
  [AgentType.PROVIDER, 'PROVIDER'],
  [AgentType.CONSUMER, 'CONSUMER'],
  [AgentType.GENERAL, 'GENERAL'],
]);

/** `null` for UNSPECIFIED. */
export function toDomainAgentType(type: AgentType): DomainType | null {
  return TYPES.get(type) ?? null;
}

export function toDomainAgentSpec(spec: AgentSpec): DomainSpec {
  return {
    agentId: spec.agentId,
    agentType: toDomainAgentType(spec.agentType) ?? 'GENERAL',
    capabilities: sortedDistinct(spec.capabilities),
    services: sortedDistinct(spec.services),
    tags: sortedDistinct(spec.tags),
    endpoints: spec.endpoints,
    metadata: spec.metadata,
    version: spec.version,
    region: spec.region || null,
    location: toDomainLocation(spec.location),
    weight: spec.weight || null,
  };
}

export function toDomainLocation(location: Location | undefined): DomainLocation | null {
  return location ? { latitude: location.latitude, longitude: location.longitude } : null;
}

export function toDomainLoad(load: LoadReport): DomainLoad {
  return {
    cpu: load.cpu ?? null,
    memory: load.memory ?? null,
    gpu: load.gpu ?? null,
    activeConnections: load.activeConnections ?? null,
    pendingTasks: load.pendingTasks ?? null,
  };
}

export function toProtoAgent(agent: AgentView): MessageInitShape<typeof AgentSchema> {
  const { entry, load } = agent;
  return {
    spec: toProtoAgentSpec(entry.spec),
    status: AgentStatus[agent.status],
    healthScore: agent.healthScore,
    load: {
      inFlight: agent.inFlight,
      slots: agent.slots,
      credit: Math.min(agent.credit, MAX_UINT32),
      ...(load ? { reported: toProtoLoad(load) } : {}),
    },
    registrationTime: timestampOf(entry.registrationTime),
    lastHeartbeatTime: optionalTimestampOf(agent.lastHeartbeatTime || null),
    instances: agent.instances.map(({ draining: _, polls: _polls, ...instance }) => ({
      ...instance,
      connectTime: timestampOf(instance.connectTime),
    })),
    org: entry.org,
    deregisterTime: optionalTimestampOf(entry.deregisterTime),
  };
}

function toProtoAgentSpec(spec: DomainSpec): MessageInitShape<typeof AgentSpecSchema> {
  const { location, ...rest } = spec;
  return {
    ...rest,
    ...(location ? { location: { ...location } } : {}),
    weight: spec.weight ?? 0,
    agentType: AgentType[spec.agentType],
    capabilities: [...spec.capabilities],
    services: [...spec.services],
    tags: [...spec.tags],
    endpoints: { ...spec.endpoints },
    metadata: { ...spec.metadata },
    region: spec.region ?? '',
  };
}

function toProtoLoad(load: DomainLoad): MessageInitShape<typeof LoadReportSchema> {
  return Object.fromEntries(Object.entries(load).filter(([, value]) => value !== null));
}
