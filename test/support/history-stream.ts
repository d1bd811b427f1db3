import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Client, ClientDuplexStream } from '@grpc/grpc-js';
import {
  type WorkRequest,
  WorkRequestSchema,
  type WorkResponse,
  WorkResponseSchema,
} from '@reeve/sdk/protocol';

export type WorkClientStream = ClientDuplexStream<WorkRequest, WorkResponse>;

/** Opens a Work stream without the SDK. */
export function openWorkStream(client: Client): WorkClientStream {
  return client.makeBidiStreamRequest(
    '/reeve.v1.AgentService/Work',
    (message: WorkRequest) => Buffer.from(toBinary(WorkRequestSchema, message)),
    (bytes: Buffer) => fromBinary(WorkResponseSchema, bytes),
  );
}
