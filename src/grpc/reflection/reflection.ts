import { create, type DescFile, type Message } from '@bufbuild/protobuf';
import type {
  handleBidiStreamingCall,
  ServerDuplexStream,
  ServiceDefinition,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Api } from '../../api/api.js';
import { decodeRequest } from '../../api/decode-request.js';
import { definitionOf } from '../definitions.js';
import { grpcErrorOf } from '../grpc-error.js';
import { answer } from './answer.js';
import { createFileIndex } from './file-index.js';
import { createHealthFile } from './health-file.js';
import { createReflectionFile, reflectionMessages } from './reflection-file.js';

/** The reflection services, v1 and v1alpha. */
export interface Reflection {
  readonly services: readonly {
    readonly definition: ServiceDefinition;
    readonly implementation: UntypedServiceImplementation;
  }[];
  /** Ends the streams that are open. */
  close(): void;
}

/** @param roots the files of the services that are served, besides health and reflection */
export function createReflection(
  roots: readonly DescFile[],
  { statusOf }: Pick<Api, 'statusOf'>,
): Reflection {
  const own = (['v1', 'v1alpha'] as const).map(createReflectionFile);
  const all = [...roots, createHealthFile(), ...own];
  const index = createFileIndex(all);
  const names = [...new Set(all)].flatMap((file) => file.services.map((service) => service.typeName)).sort();
  const streams = new Set<ServerDuplexStream<Buffer, Message>>();

  const services = own.flatMap((file) => {
    const { request, response } = reflectionMessages(file);
    const handle: handleBidiStreamingCall<Buffer, Message> = (call) => {
      streams.add(call);
      call.on('cancelled', () => streams.delete(call));
      call.on('end', () => call.end());
      call.on('drain', () => call.resume());
      call.on('data', (bytes: Buffer) => {
        try {
          const originalRequest = decodeRequest(request, bytes);
          const { host, messageRequest } = originalRequest;
          const messageResponse = answer(index, names, messageRequest);
          const init = { validHost: host, originalRequest, messageResponse };
          if (!call.write(create(response, init))) call.pause();
        } catch (error) {
          call.emit('error', grpcErrorOf(statusOf(error)));
        }
      });
    };
    return file.services.map((service) => ({
      definition: Object.fromEntries(service.methods.map((method) => [method.name, definitionOf(method)])),
      implementation: Object.fromEntries(service.methods.map((method) => [method.name, handle])),
    }));
  });

  return {
    services,
    close: () => {
      for (const call of streams) call.end();
    },
  };
}
