import type { MessageInitShape } from '@bufbuild/protobuf';
import type { AgentFilterSchema } from '../gen/reeve/v1/agent_filter_pb.js';
import { AgentService } from '../gen/reeve/v1/agent_service_pb.js';
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
  filter: MessageInitShape<typeof AgentFilterSchema>,
  signal: AbortSignal | undefined,
): AsyncGenerator<AgentUpdate, void, undefined> {
  return linked(signal, (stop) => updates(grpc, filter, stop));
}

async function* updates(
  grpc: GrpcClient,
  filter: MessageInitShape<typeof AgentFilterSchema>,
  signal: AbortSignal,
): AsyncGenerator<AgentUpdate, void, undefined> {
  let known: AgentInfo[] = [];
  const request = () => {
    known = [];
    return { filter };
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
