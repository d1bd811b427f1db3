import {
  create,
  type DescMessage,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { type CallOptions, Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import {
  BadRequestSchema,
  ErrorInfoSchema,
  QuotaFailureSchema,
  RetryInfoSchema,
  StatusSchema,
} from '@reeve/sdk/protocol';

type Method<I extends DescMessage, O extends DescMessage> = DescMethod & { input: I; output: O };

/** A plain grpc-js client for any method of any descriptor. */
export function connect(address: string) {
  const client = new Client(address, credentials.createInsecure());
  const pathOf = (method: DescMethod) => `/${method.parent.typeName}/${method.name}`;
  const encode =
    <I extends DescMessage>(desc: I) =>
    (init: MessageInitShape<I>) =>
      Buffer.from(toBinary(desc, create(desc, init)));
  const decode =
    <O extends DescMessage>(desc: O) =>
    (bytes: Buffer): MessageShape<O> =>
      fromBinary(desc, bytes);

  return {
    client,
    call<I extends DescMessage, O extends DescMessage>(
      method: Method<I, O>,
      request: MessageInitShape<I>,
      metadata: Record<string, string> = {},
      options: CallOptions = {},
    ): Promise<MessageShape<O>> {
      return this.callRaw(
        pathOf(method),
        encode(method.input)(request),
        decode(method.output),
        metadata,
        options,
      );
    },
    callRaw<T>(
      path: string,
      bytes: Buffer,
      decoded: (bytes: Buffer) => T,
      metadata: Record<string, string> = {},
      options: CallOptions = {},
    ): Promise<T> {
      return new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          path,
          (request: Buffer) => request,
          decoded,
          bytes,
          metadataOf(metadata),
          options,
          (error, response) => (error ? reject(error) : resolve(response as T)),
        );
      });
    },
    stream<I extends DescMessage, O extends DescMessage>(
      method: Method<I, O>,
      request: MessageInitShape<I>,
      metadata: Record<string, string> = {},
    ) {
      return client.makeServerStreamRequest(
        pathOf(method),
        encode(method.input),
        decode(method.output),
        request,
        metadataOf(metadata),
      );
    },
    duplex<I extends DescMessage, O extends DescMessage>(method: Method<I, O>) {
      return client.makeBidiStreamRequest(pathOf(method), encode(method.input), decode(method.output));
    },
    close: () => client.close(),
  };
}

function metadataOf(entries: Record<string, string>): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(entries)) metadata.set(key, value);
  return metadata;
}

/** What a failed call carries in its trailer. */
export function detailsOf(error: unknown) {
  const [bytes] = (error as ServiceError).metadata.get('grpc-status-details-bin');
  const status = fromBinary(StatusSchema, bytes as Buffer);
  const find = <D extends DescMessage>(desc: D): MessageShape<D> | undefined =>
    status.details.map((any) => anyUnpack(any, desc)).find((message) => message !== undefined);
  return {
    status,
    info: find(ErrorInfoSchema),
    fields: find(BadRequestSchema)?.fieldViolations.map(({ field }) => field) ?? [],
    retry: find(RetryInfoSchema),
    quota: find(QuotaFailureSchema),
  };
}

/** The error that a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<ServiceError> {
  try {
    await promise;
  } catch (error) {
    return error as ServiceError;
  }
  throw new Error('it did not fail');
}
