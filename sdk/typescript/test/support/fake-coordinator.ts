import {
  create,
  type DescMessage,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import * as grpc from '@grpc/grpc-js';
import {
  AgentService,
  BadRequestSchema,
  CoordinatorService,
  ErrorInfoSchema,
  RetryInfoSchema,
  StatusSchema,
  WorkflowService,
  type WorkRequest,
  type WorkResponse,
} from '@reeve/sdk/protocol';
import { WorkProbe } from './work-probe.js';

type Message = MessageShape<DescMessage>;
type Handle = (call: never, callback: never) => void;
type Unary<I extends DescMessage, O extends DescMessage> = (
  request: MessageShape<I>,
  /** How long the caller waits from now on, in ms. */
  waitsMs: number,
) => MessageInitShape<O> | Promise<MessageInitShape<O>>;
type ServerStream<I extends DescMessage, O extends DescMessage> = (
  request: MessageShape<I>,
  stream: {
    send(message: MessageInitShape<O>): void;
    end(): void;
    fail(error: grpc.ServiceError): void;
    /** Resolves when the caller has cancelled. */
    readonly cancelled: Promise<void>;
  },
) => void;

/**
 * A gRPC server that speaks the protos and does exactly what a test tells it: answers are
 * functions that a test sets, Work streams are probes that a test drives.
 */
export class FakeCoordinator {
  readonly #handlers = new Map<string, Handle>();
  readonly #sessions: WorkProbe[] = [];
  readonly #waiting: ((session: WorkProbe) => void)[] = [];
  #server = new grpc.Server();
  #port = 0;

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** How many Work streams were opened. */
  sessionsOpened = 0;

  static async start(): Promise<FakeCoordinator> {
    const fake = new FakeCoordinator();
    await fake.listen();
    return fake;
  }

  /** Listens, after `crash` on the same port again. */
  async listen(): Promise<void> {
    this.#server = new grpc.Server();
    for (const service of [CoordinatorService, AgentService, WorkflowService]) {
      const definition: Record<string, grpc.MethodDefinition<Message, Message>> = {};
      const implementation: grpc.UntypedServiceImplementation = {};
      for (const method of service.methods) {
        definition[method.localName] = methodDefinition(method);
        const handle: Handle = (call, callback) => {
          const handler = this.#handlers.get(method.localName);
          if (handler) handler(call, callback);
          else throw new Error(`no answer set for ${method.localName}`);
        };
        implementation[method.localName] = handle as grpc.UntypedHandleCall;
      }
      this.#server.addService(definition, implementation);
    }
    this.#handlers.set('work', (call: grpc.ServerDuplexStream<WorkRequest, WorkResponse>) =>
      this.#work(call),
    );
    this.#port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(
        `127.0.0.1:${this.#port}`,
        grpc.ServerCredentials.createInsecure(),
        (error, port) => (error ? reject(error) : resolve(port)),
      );
    });
  }

  /** Answers a unary RPC. */
  answer<I extends DescMessage, O extends DescMessage>(
    method: DescMethod & { input: I; output: O },
    handler: Unary<I, O>,
  ): void {
    this.#handlers.set(
      method.localName,
      (
        call: grpc.ServerUnaryCall<MessageShape<I>, MessageShape<O>>,
        callback: grpc.sendUnaryData<MessageShape<O>>,
      ) => {
        const waitsMs = +call.getDeadline() - Date.now();
        Promise.resolve()
          .then(() => handler(call.request, waitsMs))
          .then(
            (response) => callback(null, create(method.output, response)),
            (error) => callback(error),
          );
      },
    );
  }

  /** Answers a streaming RPC. */
  stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethod & { input: I; output: O },
    handler: ServerStream<I, O>,
  ): void {
    this.#handlers.set(
      method.localName,
      (call: grpc.ServerWritableStream<MessageShape<I>, MessageShape<O>>) => {
        handler(call.request, {
          send: (message) => call.write(create(method.output, message)),
          end: () => call.end(),
          fail: (error) => call.emit('error', error),
          cancelled: new Promise((resolve) => call.on('cancelled', resolve)),
        });
      },
    );
  }

  /** The next Work stream whose Hello has come. */
  nextSession(): Promise<WorkProbe> {
    const session = this.#sessions.shift();
    return session ? Promise.resolve(session) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Cuts every connection and stops listening, as a killed process would. */
  crash(): void {
    this.#server.forceShutdown();
  }

  #work(call: grpc.ServerDuplexStream<WorkRequest, WorkResponse>): void {
    this.sessionsOpened++;
    const probe = new WorkProbe(call);
    void probe.greeted.then(() => {
      const waiting = this.#waiting.shift();
      if (waiting) waiting(probe);
      else this.#sessions.push(probe);
    });
  }
}

/** An error as the coordinator sends it. */
export function statusError(
  code: grpc.status,
  reason: string,
  message: string,
  details: { violations?: { field: string; description: string }[]; retryAfterMs?: number } = {},
): grpc.ServiceError {
  const { violations, retryAfterMs } = details;
  const anys = [anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason, domain: 'reeve.dev' }))];
  if (violations) {
    anys.push(anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations: violations })));
  }
  if (retryAfterMs !== undefined) {
    const retryDelay = { seconds: 0n, nanos: retryAfterMs * 1e6 };
    anys.push(anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay })));
  }
  const metadata = new grpc.Metadata();
  const status = create(StatusSchema, { code, message, details: anys });
  metadata.set('grpc-status-details-bin', Buffer.from(toBinary(StatusSchema, status)));
  return Object.assign(new Error(message), { code, details: message, metadata });
}

function methodDefinition(method: DescMethod): grpc.MethodDefinition<Message, Message> {
  const write = (schema: DescMessage) => (message: Message) => Buffer.from(toBinary(schema, message));
  const read = (schema: DescMessage) => (bytes: Buffer) => fromBinary(schema, bytes);
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    requestSerialize: write(method.input),
    requestDeserialize: read(method.input),
    responseSerialize: write(method.output),
    responseDeserialize: read(method.output),
  };
}
