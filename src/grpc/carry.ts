import type { Message } from '@bufbuild/protobuf';
import type {
  handleBidiStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  ServerDuplexStream,
  ServerWritableStream,
  UntypedHandleCall,
} from '@grpc/grpc-js';
import { type WorkRequest, WorkRequestSchema } from '@reeve/sdk/protocol';
import type { Api, ApiMethod } from '../api/api.js';
import type { CallMetadata, IncomingCall } from '../api/call.js';
import { decodeRequest } from '../api/decode-request.js';
import type { Gate } from './gate.js';
import { grpcErrorOf } from './grpc-error.js';

type Method<Kind extends ApiMethod['kind']> = Extract<ApiMethod, { kind: Kind }>;

/** The handler of a method: carries it, whichever it is. */
export function carry(api: Api, method: ApiMethod, gate: Gate): UntypedHandleCall {
  switch (method.kind) {
    case 'unary':
      return carryUnary(api, method, gate);
    case 'server_streaming':
      return carryServerStream(api, method, gate);
    case 'work':
      return carryWork(api, method);
  }
}

function carryUnary(api: Api, method: Method<'unary'>, gate: Gate): handleUnaryCall<Buffer, Message> {
  const answer = async (bytes: Buffer, call: IncomingCall) => {
    const leave = gate.enter(call.metadata.peer);
    try {
      return await method.invoke(decodeRequest(method.desc.input, bytes), call);
    } finally {
      leave();
    }
  };
  return (call, callback) => {
    answer(call.request, incoming(call)).then(
      (response) => callback(null, response),
      (error: unknown) => callback(grpcErrorOf(api.statusOf(error))),
    );
  };
}

function carryServerStream(
  api: Api,
  method: Method<'server_streaming'>,
  gate: Gate,
): handleServerStreamingCall<Buffer, Message> {
  const pump = async (call: ServerWritableStream<Buffer, Message>, from: IncomingCall) => {
    const leave = gate.enter(from.metadata.peer);
    try {
      const request = decodeRequest(method.desc.input, call.request);
      for await (const message of method.invoke(request, from)) {
        if (from.signal.aborted) return;
        if (!call.write(message)) await writable(call, from.signal);
      }
    } finally {
      leave();
    }
  };
  return (call) => {
    pump(call, incoming(call)).then(
      () => call.end(),
      (error: unknown) => call.emit('error', grpcErrorOf(api.statusOf(error))),
    );
  };
}

/** Resolves when the reader has caught up, or is gone. */
function writable(call: ServerWritableStream<Buffer, Message>, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      call.off('drain', done);
      gone.removeEventListener('abort', done);
      resolve();
    };
    call.on('drain', done);
    gone.addEventListener('abort', done);
    if (gone.aborted) done();
  });
}

function carryWork(api: Api, method: Method<'work'>): handleBidiStreamingCall<Buffer, Message> {
  return (call) => {
    const fail = (error: unknown) => call.emit('error', grpcErrorOf(api.statusOf(error)));
    try {
      const session = method.open(
        {
          send: (message) => call.writable && call.write(message),
          end: () => void call.end(),
          fail,
        },
        incoming(call),
      );
      pass(call, session, fail);
    } catch (error) {
      fail(error);
    }
  };
}

/** Hands what happens on the stream to its session; the end of the stream, once. */
function pass(
  call: ServerDuplexStream<Buffer, Message>,
  session: ReturnType<Method<'work'>['open']>,
  fail: (error: unknown) => void,
): void {
  let closed = false;
  const close = () => {
    if (closed) return;
    closed = true;
    session.closed();
  };
  call.on('data', (bytes: Buffer) => {
    if (closed) return;
    let message: WorkRequest;
    try {
      message = decodeRequest(WorkRequestSchema, bytes);
    } catch (error) {
      fail(error);
      close();
      return;
    }
    session.receive(message);
  });
  call.on('drain', () => {
    if (!closed) session.drained();
  });
  call.on('end', () => {
    if (!closed) session.ended();
  });
  call.on('cancelled', close);
  call.on('close', close);
}

/** Why calls are given up: grpc-js says so at the end of every call, and an error made each time would cost a stack trace. */
const GONE = new Error('the caller is gone');

/** The call in the terms of the api. */
function incoming(call: {
  readonly metadata: { get(key: string): (string | Buffer)[] };
  getPeer(): string;
  on(event: 'cancelled', listener: () => void): unknown;
}): IncomingCall {
  // Most calls never ask for it, and it takes longer to make than all the rest of this.
  let controller: AbortController | undefined;
  let gone = false;
  call.on('cancelled', () => {
    gone = true;
    controller?.abort(GONE);
  });
  const metadata: CallMetadata = {
    get(name) {
      const [value] = call.metadata.get(name);
      return typeof value === 'string' ? value : undefined;
    },
    get peer() {
      return call.getPeer();
    },
  };
  return {
    metadata,
    get signal() {
      controller ??= new AbortController();
      if (gone) controller.abort(GONE);
      return controller.signal;
    },
    get isGone() {
      return gone;
    },
    jsonPayloads: false,
  };
}
