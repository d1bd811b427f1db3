import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type Client, type ClientDuplexStream, Metadata } from '@grpc/grpc-js';
import {
  type WorkRequest,
  WorkRequestSchema,
  type WorkResponse,
  WorkResponseSchema,
} from '@reeve/sdk/protocol';

export type WorkClientStream = ClientDuplexStream<WorkRequest, WorkResponse>;

/** Opens a Work stream without the SDK. */
export function openWorkStream(client: Client, org = 'default'): WorkClientStream {
  const metadata = new Metadata();
  metadata.set('org', org);
  return client.makeBidiStreamRequest(
    '/reeve.v1.AgentService/Work',
    (message: WorkRequest) => Buffer.from(toBinary(WorkRequestSchema, message)),
    (bytes: Buffer) => fromBinary(WorkResponseSchema, bytes),
    metadata,
  );
}
