import { type DescMethod, type Message, toBinary } from '@bufbuild/protobuf';
import type { MethodDefinition } from '@grpc/grpc-js';

/** A method as grpc-js wants it. Requests stay bytes: whoever handles them decodes, and owns the error. */
export function definitionOf(method: DescMethod): MethodDefinition<Buffer, Message> {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    requestSerialize: (bytes) => bytes,
    requestDeserialize: (bytes) => bytes,
    responseSerialize: (message) => bufferOf(toBinary(method.output, message)),
    responseDeserialize: () => {
      throw new Error('a server does not read responses');
    },
  };
}

/** The same bytes as a Buffer: grpc-js calls `copy`, which a Uint8Array has not. */
function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
