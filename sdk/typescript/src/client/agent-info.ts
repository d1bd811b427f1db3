import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { Agent } from '../gen/reeve/v1/agent_pb.js';
import { type AgentStatus, type AgentType, agentStatusName, agentTypeName } from '../names.js';
import { AgentStatus as StatusNumber } from '../protocol.js';
import { dateOf } from '../views.js';

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

export function agentInfo(agent: Agent | undefined): AgentInfo {
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
