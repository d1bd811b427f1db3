import type { DescMethod, DescMethodServerStreaming, DescMethodUnary, Message } from '@bufbuild/protobuf';
import {
  type ConnectRouter,
  createConnectRouter,
  createContextKey,
  type HandlerContext,
} from '@connectrpc/connect';
import type { UniversalHandler } from '@connectrpc/connect/protocol';
import type { Api, ApiMethod } from '../api/api.js';
import type { IncomingCall } from '../api/call.js';
import { ReeveError } from '../api/errors.js';
import { connectErrorOf } from './connect-error.js';

/** What is known of a call besides what connect knows. */
export interface CallFacts {
  readonly json: boolean;
  readonly peer: string;
  /** The request, where it was read before connect saw it: the message, or why there is none. */
  readonly request?: Message | ReeveError;
}

export const FACTS = createContextKey<CallFacts>(
  { json: false, peer: '' },
  { description: 'facts of a call' },
);

type Method<Kind extends ApiMethod['kind']> = Extract<ApiMethod, { kind: Kind }>;

/** A method as connect carries it. */
export interface Carried {
  readonly method: ApiMethod;
  /** For calls that are one request and one answer, in the Connect protocol and in gRPC-Web. */
  readonly unary: UniversalHandler | undefined;
  /** For calls that are answered by a stream. */
  readonly stream: UniversalHandler | undefined;
}

/** Every method by its path, for example `/reeve.v1.CoordinatorService/SubmitTask`. */
export function carry(api: Api): ReadonlyMap<string, Carried> {
  const router = () =>
    createConnectRouter({
      grpc: false,
      acceptCompression: [],
      readMaxBytes: api.info.limits.maxMessageBytes,
      jsonOptions: { ignoreUnknownFields: false },
    });
  return new Map(api.methods.map((method) => [pathOf(method.desc), carryOne(api, method, router)]));
}

function carryOne(api: Api, method: ApiMethod, router: () => ConnectRouter): Carried {
  const handler = (build: (to: ConnectRouter) => ConnectRouter) => build(router()).handlers[0];
  switch (method.kind) {
    case 'unary':
      return {
        method,
        unary: handler((to) => to.rpc(method.desc, unary(api, method))),
        stream: undefined,
      };
    case 'server_streaming':
      return {
        method,
        unary: undefined,
        stream: handler((to) => to.rpc(method.desc, serverStream(api, method))),
      };
    case 'work': {
      // Registered as what it is not, so that it fails in the form that each client reads.
      const asUnary = { ...method.desc, methodKind: 'unary' } as DescMethodUnary;
      const asStream = { ...method.desc, methodKind: 'server_streaming' } as DescMethodServerStreaming;
      const fail = () => {
        throw connectErrorOf(api.statusOf(noWork(method.desc)));
      };
      return {
        method,
        unary: handler((to) => to.rpc(asUnary, fail)),
        stream: handler((to) => to.rpc(asStream, fail)),
      };
    }
  }
}

export function pathOf({ parent, name }: DescMethod): string {
  return `/${parent.typeName}/${name}`;
}

function unary(api: Api, method: Method<'unary'>) {
  return async (decoded: Message, context: HandlerContext): Promise<Message> => {
    const { request = decoded } = context.values.get(FACTS);
    try {
      if (request instanceof ReeveError) throw request;
      return await unlessAborted(method.invoke(request, incoming(context)), context.signal);
    } catch (error) {
      if (context.signal.aborted) throw context.signal.reason;
      throw connectErrorOf(api.statusOf(error));
    }
  };
}

function serverStream(api: Api, method: Method<'server_streaming'>) {
  return async function* (decoded: Message, context: HandlerContext): AsyncGenerator<Message> {
    const { request = decoded } = context.values.get(FACTS);
    try {
      if (request instanceof ReeveError) throw request;
      yield* method.invoke(request, incoming(context));
    } catch (error) {
      throw connectErrorOf(api.statusOf(error));
    }
    // What a watch takes for its end may have been the end of its time.
    if (context.signal.aborted) throw context.signal.reason;
  };
}

/** What `promise` gives; rejects at once when the caller is gone or its time is up. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** The call in the terms of the api. */
function incoming({ requestHeader, signal, values }: HandlerContext): IncomingCall {
  const { json, peer } = values.get(FACTS);
  const metadata = { get: (name: string) => requestHeader.get(name) ?? undefined, peer };
  return {
    metadata,
    signal,
    get isGone() {
      return signal.aborted;
    },
    jsonPayloads: json,
  };
}

/** Calls that together do what the Work stream does. */
const TWINS = [
  'LeaseTasks',
  'AcceptLeases',
  'RenewLeases',
  'ReleaseLeases',
  'ReportProgress',
  'ReportResults',
  'Heartbeat',
];

function noWork({ parent, name }: DescMethod): ReeveError {
  const message = `${name} is a stream in both directions, which HTTP/1.1 has not: use gRPC, or the calls ${TWINS.join(', ')}`;
  return new ReeveError('UNIMPLEMENTED', 'NO_STREAM_OVER_HTTP', message, {
    metadata: { method: `${parent.typeName}/${name}`, instead: TWINS.join(',') },
  });
}
