import { AgentService } from '../gen/reeve/v1/agent_service_pb.js';
import type { AgentStatus, AgentType } from '../names.js';
import { AgentStatus as StatusNumber, AgentType as TypeNumber } from '../protocol.js';
import type { GrpcClient } from '../transport/grpc-client.js';
import { type AgentInfo, agentInfo } from './agent-info.js';
import { type BidderInfo, type BidderQuery, bidderInfo } from './auctions.js';
import type { Call } from './call.js';
import { listPages } from './pages.js';
import { reasonOf } from './reason.js';
import { type AgentUpdate, watchAgents } from './watch-agents.js';

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
  /**
   * Follows the fleet: a snapshot, then every agent that comes, changes or is not among those asked
   * for any more; load and health of one at most once a second. Does not end by itself. After a
   * reconnect it begins with a snapshot again. `limit` is not heeded.
   */
  watch(query?: AgentQuery, options?: { readonly signal?: AbortSignal }): AsyncIterable<AgentUpdate>;
  /** NOT_FOUND if the organisation has none of that id. */
  get(agentId: string): Promise<AgentInfo>;
  /** Takes an agent out of the fleet; it gives back what it holds, its history is kept. Idempotent. */
  deregister(agentId: string, options?: { readonly reason?: string }): Promise<AgentInfo>;
  /** Says whether an agent is to get work. */
  setStatus(agentId: string, status: 'ACTIVE' | 'INACTIVE' | 'DRAINING'): Promise<AgentInfo>;
  /** How agents have kept what they bid in auctions, by kind and agent; those of all together come first. */
  bidders(query?: BidderQuery): AsyncIterable<BidderInfo>;
}

const { method } = AgentService;

export function createAgentsClient(call: Call, grpc: GrpcClient): AgentsClient {
  return {
    list: (query = {}) =>
      listPages(query.limit, async (page) => {
        const answer = await call(method.listAgents, {
          ...page,
          filter: filterOf(query),
        });
        return { items: answer.agents.map(agentInfo), nextPageToken: answer.nextPageToken };
      }),
    watch: (query = {}, { signal } = {}) => watchAgents(grpc, filterOf(query), signal),
    get: async (agentId) => agentInfo((await call(method.getAgent, { agentId })).agent),
    async deregister(agentId, options) {
      const request = { agentId, reason: reasonOf(options) };
      return agentInfo((await call(method.deregisterAgent, request)).agent);
    },
    setStatus: async (agentId, status) =>
      agentInfo((await call(method.updateAgentStatus, { agentId, status: StatusNumber[status] })).agent),
    bidders: ({ limit, agentId = '', kind = '' } = {}) =>
      listPages(limit, async (page) => {
        const answer = await call(method.listBidders, { ...page, agentId, kind });
        return { items: answer.bidders.map(bidderInfo), nextPageToken: answer.nextPageToken };
      }),
  };
}

function filterOf(query: AgentQuery) {
  return {
    agentType: TypeNumber[query.agentType ?? 'UNSPECIFIED'],
    statuses: (query.statuses ?? []).map((status) => StatusNumber[status]),
    capabilities: [...(query.capabilities ?? [])],
    services: [...(query.services ?? [])],
    tags: [...(query.tags ?? [])],
    region: query.region ?? '',
    ...(query.minHealth !== undefined && { minHealth: query.minHealth }),
    ...(query.maxLoad !== undefined && { maxLoad: query.maxLoad }),
    includeDeregistered: query.includeDeregistered ?? false,
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
