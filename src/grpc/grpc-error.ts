import { toBinary } from '@bufbuild/protobuf';
import { Metadata, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import { type Status, StatusSchema } from '@reeve/sdk/protocol';

/** A status in the form in which grpc-js sends it, details in the trailer. */
export function grpcErrorOf(status: Status): Partial<StatusObject> & Pick<ServiceError, 'code' | 'details'> {
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from(toBinary(StatusSchema, status)));
  return { code: status.code, details: status.message, metadata };
}
