import type { MessageInitShape } from '@bufbuild/protobuf';
import { AgentService, type WatchAgentsRequestSchema } from '../gen/reeve/v1/agent_service_pb.js';
import type { GrpcClient } from '../transport/grpc-client.js';
import { type AgentInfo, agentInfo } from './agent-info.js';
import { linked, reopening } from './reopening.js';

/** What a watch of agents tells. */
export type AgentUpdate =
  /** Takes the place of all that was told before. It comes first, and again after a reconnect. */
  | { readonly type: 'SNAPSHOT'; readonly agents: readonly AgentInfo[] }
  /** An agent came, or changed. */
  | { readonly type: 'CHANGED'; readonly agent: AgentInfo }
  /** It is not among those asked for any more: for example, it was deregistered. */
  | { readonly type: 'LEFT'; readonly agent: AgentInfo };

/** See `AgentsClient.watch`. */
export function watchAgents(
  grpc: GrpcClient,
  request: MessageInitShape<typeof WatchAgentsRequestSchema>,
  signal: AbortSignal | undefined,
): AsyncGenerator<AgentUpdate, void, undefined> {
  return linked(signal, (stop) => updates(grpc, request, stop));
}

async function* updates(
  grpc: GrpcClient,
  asked: MessageInitShape<typeof WatchAgentsRequestSchema>,
  signal: AbortSignal,
): AsyncGenerator<AgentUpdate, void, undefined> {
  let known: AgentInfo[] = [];
  const request = () => {
    known = [];
    return asked;
  };
  for await (const message of reopening(grpc, AgentService.method.watchAgents, { request, signal })) {
    for (const { agent, left } of message.changes) {
      const info = agentInfo(agent);
      if (message.snapshot) known.push(info);
      else yield { type: left ? 'LEFT' : 'CHANGED', agent: info };
    }
    if (!message.snapshotComplete) continue;
    yield { type: 'SNAPSHOT', agents: known };
    known = [];
  }
}
