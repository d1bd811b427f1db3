import type { DescMessage, DescMethod, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { create } from '@bufbuild/protobuf';
import {
  type ChannelOptions,
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { decode, encode } from '../codec/codec.js';
import { clientClosed, fromStatus, isFinal, NO_ANSWER, noAnswer, ReeveError, UNREACHABLE } from './errors.js';
import { CALL_BACKOFF, sleep, waitBefore } from './retry.js';

/** An RPC whose request and response types are known. */
export type Rpc<I extends DescMessage, O extends DescMessage> = DescMethod & {
  readonly input: I;
  readonly output: O;
};

export interface GrpcClientOptions {
  /** `host:port`, or a URL; `https:` means TLS. */
  readonly address: string;
  readonly org?: string | undefined;
  readonly subject?: string | undefined;
  /** What grpc-js is to do differently. */
  readonly channel?: ChannelOptions;
}

export interface CallOptions {
  /** When to give up, ms since the epoch. */
  readonly deadline: number;
  /** Whether a repeat does no harm, so that UNAVAILABLE is tried again. */
  readonly repeatable: boolean;
  /** How long the call itself may wait for something to happen, in ms. Default 0. */
  readonly waitsMs?: number;
  /**
   * How long the first of several tries may take besides, in ms: the next may meet another
   * coordinator, and has twice as long. Default 6,000; a balancer notices a frozen one sooner.
   */
  readonly tryMs?: number;
}

const TRY_MS = 6_000;

/**
 * How long a client that has never got an answer keeps trying, in ms: a wrong address
 * should say so soon, a coordinator that restarts should not be noticed.
 */
const FIRST_CONTACT_MS = 2_000;

const CHANNEL_OPTIONS: ChannelOptions = {
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 20_000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
  'grpc.max_receive_message_length': -1,
  'grpc.enable_channelz': 0,
};

/** What the coordinator itself has tried again, as long as it makes sense. */
const TRIED_ALREADY: ReadonlySet<string> = new Set(['DIRECTORY_UNAVAILABLE']);

/** A channel to a coordinator that speaks the generated messages and {@link ReeveError}. */
export class GrpcClient {
  readonly address: string;
  readonly #client: Client;
  readonly #metadata = new Metadata();
  readonly #streams = new Set<{ cancel(): void }>();
  #reached = false;
  #closed = false;

  constructor(options: GrpcClientOptions) {
    const { target, secure } = parseAddress(options.address);
    this.address = target;
    if (options.org !== undefined) this.#metadata.set('org', options.org);
    if (options.subject !== undefined) this.#metadata.set('subject', options.subject);
    this.#client = new Client(target, secure ? credentials.createSsl() : credentials.createInsecure(), {
      ...CHANNEL_OPTIONS,
      ...options.channel,
    });
  }

  /** Whether a coordinator has ever answered. */
  get reached(): boolean {
    return this.#reached;
  }

  /**
   * Calls once, or until it is answered or the deadline passes. Throws {@link ReeveError}: if
   * the deadline came during another try, what the try before it failed with.
   */
  async call<I extends DescMessage, O extends DescMessage>(
    rpc: Rpc<I, O>,
    request: MessageInitShape<I>,
    { deadline, repeatable, waitsMs = 0, ...more }: CallOptions,
  ): Promise<MessageShape<O>> {
    const message = create(rpc.input, request);
    const firstContactEnds = Date.now() + FIRST_CONTACT_MS;
    let tryMs = repeatable ? (more.tryMs ?? TRY_MS) + waitsMs : Number.POSITIVE_INFINITY;
    let before: ReeveError | undefined;
    for (let failures = 0; ; failures++) {
      try {
        return await this.#try(rpc, message, deadline, tryMs);
      } catch (error) {
        if (before && isOutOfTime(error)) throw before;
        if (!(error instanceof ReeveError) || !error.retryable || !repeatable) throw error;
        if (TRIED_ALREADY.has(error.reason)) throw error;
        before = error;
        if (error.reason === NO_ANSWER) tryMs *= 2;
        const again = Date.now() + waitBefore(failures, CALL_BACKOFF, error);
        if (again >= (this.#reached ? deadline : Math.min(deadline, firstContactEnds))) throw error;
        await sleep(again - Date.now());
      }
    }
  }

  /** Opens a stream of responses. It emits grpc-js's errors; see {@link toError}. */
  serverStream<I extends DescMessage, O extends DescMessage>(
    rpc: Rpc<I, O>,
    request: MessageInitShape<I>,
  ): ClientReadableStream<MessageShape<O>> {
    const { path, serialize, deserialize } = definition(rpc);
    const message = create(rpc.input, request);
    if (this.#closed) throw clientClosed();
    const call = this.#client.makeServerStreamRequest(path, serialize, deserialize, message, this.#metadata);
    this.#streams.add(call);
    call.on('status', () => this.#streams.delete(call));
    return call;
  }

  /** Opens a stream in both directions. It emits grpc-js's errors; see {@link toError}. */
  bidiStream<I extends DescMessage, O extends DescMessage>(
    rpc: Rpc<I, O>,
  ): ClientDuplexStream<MessageShape<I>, MessageShape<O>> {
    const { path, serialize, deserialize } = definition(rpc);
    return this.#client.makeBidiStreamRequest(path, serialize, deserialize, this.#metadata);
  }

  /** What a call or stream failed with, for callers. */
  toError(error: unknown): ReeveError {
    if (this.#closed) return clientClosed();
    if (error instanceof ReeveError) return error;
    if (!isServiceError(error)) {
      return new ReeveError(error instanceof Error ? error.message : String(error), {
        code: 'UNKNOWN',
        cause: error,
      });
    }
    const known = fromStatus(error, this.address);
    if (isFinal(known) || (known.code === 'UNAVAILABLE' && known.reason !== UNREACHABLE)) this.markReached();
    return known;
  }

  /** Remembers that a coordinator has answered. */
  markReached(): void {
    this.#reached = true;
  }

  /** Ends the connection and the streams on it. */
  close(): void {
    this.#closed = true;
    for (const stream of this.#streams) stream.cancel();
    this.#client.close();
  }

  async #try<I extends DescMessage, O extends DescMessage>(
    rpc: Rpc<I, O>,
    message: MessageShape<I>,
    deadline: number,
    tryMs: number,
  ): Promise<MessageShape<O>> {
    const until = Date.now() + tryMs;
    try {
      return await this.#callOnce(rpc, message, Math.min(deadline, until));
    } catch (error) {
      if (!isOutOfTime(error) || until >= deadline) throw error;
      this.markReached();
      throw noAnswer(this.address);
    }
  }

  #callOnce<I extends DescMessage, O extends DescMessage>(
    rpc: Rpc<I, O>,
    message: MessageShape<I>,
    deadline: number,
  ): Promise<MessageShape<O>> {
    const { path, serialize, deserialize } = definition(rpc);
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(clientClosed());
      this.#client.makeUnaryRequest(
        path,
        serialize,
        deserialize,
        message,
        this.#metadata,
        { deadline },
        (error, response) => {
          if (error) return reject(this.toError(error));
          this.markReached();
          if (response) resolve(response);
        },
      );
    });
  }
}

/** Where a method is found on the wire, and how its messages are written and read. */
export function definition<I extends DescMessage, O extends DescMessage>(rpc: Rpc<I, O>) {
  return {
    path: `/${rpc.parent.typeName}/${rpc.name}`,
    requestStream: rpc.methodKind === 'client_streaming' || rpc.methodKind === 'bidi_streaming',
    responseStream: rpc.methodKind === 'server_streaming' || rpc.methodKind === 'bidi_streaming',
    serialize: (message: MessageShape<I>) => encode(rpc.input, message),
    deserialize: (bytes: Uint8Array) => decode(rpc.output, bytes),
  };
}

/** Whether the deadline came before an answer. */
function isOutOfTime(error: unknown): boolean {
  return error instanceof ReeveError && error.reason === 'DEADLINE_EXCEEDED';
}

function isServiceError(error: unknown): error is ServiceError {
  return (
    error instanceof Error && 'code' in error && 'metadata' in error && error.metadata instanceof Metadata
  );
}

function parseAddress(address: string): { target: string; secure: boolean } {
  const match = /^(https?|grpcs?):\/\/([^/]+)\/*$/.exec(address);
  if (!match?.[1] || !match[2]) return { target: address, secure: false };
  return { target: match[2], secure: match[1] === 'https' || match[1] === 'grpcs' };
}

/** Where a coordinator is looked for if nobody says otherwise. */
export function defaultAddress(): string {
  return process.env.REEVE_ADDRESS || '127.0.0.1:9001';
}
