import type { DescMethod, Message } from '@bufbuild/protobuf';
import type { MethodDefinition } from '@grpc/grpc-js';
import { encode } from '../api/wire/encode.js';

/** A method as grpc-js wants it. Requests stay bytes: whoever handles them decodes, and owns the error. */
export function definitionOf(method: DescMethod): MethodDefinition<Buffer, Message> {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    requestSerialize: (bytes) => bytes,
    requestDeserialize: (bytes) => bytes,
    responseSerialize: (message) => encode(method.output, message),
    responseDeserialize: () => {
      throw new Error('a server does not read responses');
    },
  };
}
