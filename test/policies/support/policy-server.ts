import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import { type ApproveResponseSchema, PolicyService } from '@reeve/sdk/protocol';
import { onTestFinished } from 'vitest';

/** What one call gets: a message, bytes as they are, a status, or nothing ever. */
export type Reply =
  | { readonly message: MessageInitShape<typeof ApproveResponseSchema> & object }
  | { readonly bytes: Buffer }
  | { readonly status: keyof typeof status; readonly details?: string }
  | 'HANG';

type Call = ServerUnaryCall<Buffer, Buffer>;

export interface PolicyServerOptions {
  /** What `Approve` gets, by the number of the call from 0. */
  readonly reply: (call: number) => Reply | Promise<Reply>;
  /** Default: plaintext. */
  readonly credentials?: ServerCredentials;
  /** Default: any that is free. */
  readonly port?: number;
}

/** A PolicyService on loopback whose `Approve` does as it is told, until the test is over. */
export async function startPolicyServer({ reply, credentials, port = 0 }: PolicyServerOptions) {
  const server = new Server();
  const calls: Call[] = [];
  const { approve } = PolicyService.method;
  server.addService(
    {
      approve: {
        path: `/${PolicyService.typeName}/${approve.name}`,
        requestStream: false,
        responseStream: false,
        requestSerialize: (bytes: Buffer) => bytes,
        requestDeserialize: (bytes: Buffer) => bytes,
        responseSerialize: (bytes: Buffer) => bytes,
        responseDeserialize: (bytes: Buffer) => bytes,
      },
    },
    {
      approve(call: Call, done: sendUnaryData<Buffer>) {
        calls.push(call);
        void Promise.resolve(reply(calls.length - 1)).then((answer) => {
          if (answer === 'HANG') return;
          if ('status' in answer) done({ code: status[answer.status], details: answer.details ?? 'told to' });
          else if ('bytes' in answer) done(null, answer.bytes);
          else done(null, Buffer.from(toBinary(approve.output, create(approve.output, answer.message))));
        });
      },
    },
  );
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, credentials ?? ServerCredentials.createInsecure(), (error, free) =>
      error ? reject(error) : resolve(free),
    );
  });
  onTestFinished(() => server.forceShutdown());
  return { port: bound, address: `127.0.0.1:${bound}`, calls, stop: () => server.forceShutdown() };
}
