import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { Client, type ClientDuplexStream, credentials, Metadata } from '@grpc/grpc-js';
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

/** A client with a connection of its own, which is quick to come back. */
export function connectAlone(address: string): Client {
  return new Client(address, credentials.createInsecure(), {
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.min_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 400,
    'grpc.use_local_subchannel_pool': 1,
  });
}
