import type { DescMessage, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import type { GrpcClient, Rpc } from '../transport/grpc-client.js';

/** Calls an RPC with the client's deadline. Throws `ReeveError`. */
export type Call = <I extends DescMessage, O extends DescMessage>(
  rpc: Rpc<I, O>,
  request: MessageInitShape<I>,
) => Promise<MessageShape<O>>;

/** RPCs without a request id that change something else when they are repeated. */
const NOT_REPEATABLE = new Set(['RetryTask', 'RetryWorkflow']);

export function createCall(grpc: GrpcClient, timeoutMs: number): Call {
  return (rpc, request) =>
    grpc.call(rpc, request, {
      deadline: Date.now() + timeoutMs,
      repeatable: !NOT_REPEATABLE.has(rpc.name),
    });
}
