import { WorkflowService } from '../gen/reeve/v1/workflow_service_pb.js';
import type { GrpcClient } from '../transport/grpc-client.js';
import { linked, reopening } from './reopening.js';
import {
  type WorkflowEventInfo,
  type WorkflowInfo,
  workflowEventInfo,
  workflowHasEnded,
  workflowInfo,
} from './workflow-info.js';

export interface WorkflowWatchOptions {
  /** Ends the watch; the iteration then throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Events after this number come first; 0 for all of them. Default: none of before. */
  readonly afterSeq?: number;
}

/** A workflow after a change. */
export interface WorkflowUpdate {
  readonly workflow: WorkflowInfo;
  /** What has happened since the update before, oldest first. */
  readonly events: readonly WorkflowEventInfo[];
}

/** See `WorkflowsClient.watch`. */
export function watchWorkflow(
  grpc: GrpcClient,
  workflowId: string,
  { signal, afterSeq }: WorkflowWatchOptions,
): AsyncGenerator<WorkflowUpdate, void, undefined> {
  return linked(signal, (stop) => updates(grpc, workflowId, afterSeq, stop));
}

async function* updates(
  grpc: GrpcClient,
  workflowId: string,
  afterSeq: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<WorkflowUpdate, void, undefined> {
  let seen = afterSeq === undefined ? undefined : BigInt(afterSeq);
  const request = () => ({ workflowId, ...(seen !== undefined && { afterSeq: seen }) });
  const messages = reopening(grpc, WorkflowService.method.watchWorkflow, { request, signal });
  for await (const { workflow, events } of messages) {
    // Without one it is a sign of life.
    if (!workflow) continue;
    const known = seen;
    const news = known === undefined ? events : events.filter(({ seq }) => seq > known);
    seen = news.at(-1)?.seq ?? seen ?? workflow.seq;
    const info = workflowInfo(workflow);
    yield { workflow: info, events: news.map(workflowEventInfo) };
    if (workflowHasEnded(info.state)) return;
  }
}
