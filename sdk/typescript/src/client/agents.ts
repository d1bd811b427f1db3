import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { Agent } from '../gen/reeve/v1/agent_pb.js';
import { AgentService } from '../gen/reeve/v1/agent_service_pb.js';
import { type AgentStatus, type AgentType, agentStatusName, agentTypeName } from '../names.js';
import { AgentStatus as StatusNumber, AgentType as TypeNumber } from '../protocol.js';
import { dateOf } from '../views.js';
import type { Call } from './call.js';
import { listPages } from './pages.js';

/** One connected process of an agent. */
export interface AgentInstanceInfo {
  readonly instanceKey: string;
  readonly sessionId: string;
  readonly connectTime: Date;
  readonly slots: number;
  readonly inFlight: number;
}

/** An agent as the coordinator knows it. */
export interface AgentInfo {
  readonly agentId: string;
  readonly org: string;
  readonly agentType: AgentType;
  readonly status: AgentStatus;
  readonly capabilities: readonly string[];
  readonly services: readonly string[];
  readonly tags: readonly string[];
  readonly endpoints: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Empty if it named none; so is `region`. */
  readonly version: string;
  readonly region: string;
  /** From 0 to 1. */
  readonly healthScore: number;
  /** Tasks it holds now, over all instances. */
  readonly inFlight: number;
  /** Tasks it can hold at once, over all instances. */
  readonly slots: number;
  /** Tasks it takes more, now. */
  readonly credit: number;
  readonly registrationTime: Date;
  readonly lastHeartbeatTime: Date;
  /** When it was deregistered, if it was. */
  readonly deregisterTime?: Date;
  readonly instances: readonly AgentInstanceInfo[];
}

/** Which agents to list. All that is set must hold. */
export interface AgentQuery {
  readonly agentType?: AgentType;
  /** In one of these. Default: all but the deregistered. */
  readonly statuses?: readonly AgentStatus[];
  /** With all of these; so for `services` and `tags`. */
  readonly capabilities?: readonly string[];
  readonly services?: readonly string[];
  readonly tags?: readonly string[];
  readonly region?: string;
  /** Whose health score is at least this, from 0 to 1. */
  readonly minHealth?: number;
  /** Whose load (tasks in flight ÷ slots) is at most this, from 0 to 1; those that are not connected have none. */
  readonly maxLoad?: number;
  /** Deregistered agents too. Default false. */
  readonly includeDeregistered?: boolean;
  /** At most this many; 0 is all of them. Default 0. */
  readonly limit?: number;
}

/** What the coordinator is and what it accepts. */
export interface ServerInfo {
  readonly version: string;
  /** Of the Work protocol. */
  readonly protocolVersion: number;
  /** `embedded` or `fleet`. */
  readonly mode: string;
  readonly limits: {
    readonly maxPayloadBytes: number;
    readonly maxMessageBytes: number;
    readonly maxBatchItems: number;
  };
  readonly features: readonly string[];
}

/** The fleet, as `client.agents`. Every method throws `ReeveError`. */
export interface AgentsClient {
  /** By id. */
  list(query?: AgentQuery): AsyncIterable<AgentInfo>;
  /** NOT_FOUND if the organisation has none of that id. */
  get(agentId: string): Promise<AgentInfo>;
  /** Takes an agent out of the fleet; it gives back what it holds, its history is kept. Idempotent. */
  deregister(agentId: string, options?: { readonly reason?: string }): Promise<AgentInfo>;
  /** Says whether an agent is to get work. */
  setStatus(agentId: string, status: 'ACTIVE' | 'INACTIVE' | 'DRAINING'): Promise<AgentInfo>;
}

const { method } = AgentService;

export function createAgentsClient(call: Call): AgentsClient {
  return {
    list: (query = {}) =>
      listPages(query.limit, async (page) => {
        const answer = await call(method.listAgents, {
          ...page,
          agentType: TypeNumber[query.agentType ?? 'UNSPECIFIED'],
          statuses: (query.statuses ?? []).map((status) => StatusNumber[status]),
          capabilities: [...(query.capabilities ?? [])],
          services: [...(query.services ?? [])],
          tags: [...(query.tags ?? [])],
          region: query.region ?? '',
          ...(query.minHealth !== undefined && { minHealth: query.minHealth }),
          ...(query.maxLoad !== undefined && { maxLoad: query.maxLoad }),
          includeDeregistered: query.includeDeregistered ?? false,
        });
        return { items: answer.agents.map(agentInfo), nextPageToken: answer.nextPageToken };
      }),
    get: async (agentId) => agentInfo((await call(method.getAgent, { agentId })).agent),
    deregister: async (agentId, { reason = '' } = {}) =>
      agentInfo((await call(method.deregisterAgent, { agentId, reason })).agent),
    setStatus: async (agentId, status) =>
      agentInfo((await call(method.updateAgentStatus, { agentId, status: StatusNumber[status] })).agent),
  };
}

export async function readServerInfo(call: Call): Promise<ServerInfo> {
  const { version, protocolVersion, mode, limits, features } = await call(method.getServerInfo, {});
  return {
    version,
    protocolVersion,
    mode,
    limits: {
      maxPayloadBytes: limits?.maxPayloadBytes ?? 0,
      maxMessageBytes: limits?.maxMessageBytes ?? 0,
      maxBatchItems: limits?.maxBatchItems ?? 0,
    },
    features,
  };
}

function agentInfo(agent: Agent | undefined): AgentInfo {
  const spec = agent?.spec;
  return {
    agentId: spec?.agentId ?? '',
    org: agent?.org ?? '',
    agentType: agentTypeName(spec?.agentType),
    status: agentStatusName(agent?.status ?? StatusNumber.UNSPECIFIED),
    capabilities: [...(spec?.capabilities ?? [])],
    services: [...(spec?.services ?? [])],
    tags: [...(spec?.tags ?? [])],
    endpoints: { ...spec?.endpoints },
    metadata: { ...spec?.metadata },
    version: spec?.version ?? '',
    region: spec?.region ?? '',
    healthScore: agent?.healthScore ?? 0,
    inFlight: agent?.load?.inFlight ?? 0,
    slots: agent?.load?.slots ?? 0,
    credit: agent?.load?.credit ?? 0,
    registrationTime: dateOf(agent?.registrationTime),
    lastHeartbeatTime: dateOf(agent?.lastHeartbeatTime),
    ...(agent?.deregisterTime && { deregisterTime: timestampDate(agent.deregisterTime) }),
    instances: (agent?.instances ?? []).map(({ instanceKey, sessionId, connectTime, slots, inFlight }) => ({
      instanceKey,
      sessionId,
      connectTime: dateOf(connectTime),
      slots,
      inFlight,
    })),
  };
}
