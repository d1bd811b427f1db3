import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Message } from '@bufbuild/protobuf';
import { createContextValues } from '@connectrpc/connect';
import type { UniversalHandler } from '@connectrpc/connect/protocol';
import { universalRequestFromNodeRequest, universalResponseToNodeResponse } from '@connectrpc/connect-node';
import type { Api } from '../api/api.js';
import { ReeveError, statusOf } from '../api/errors.js';
import { refuse } from './answer.js';
import { type Carried, carry, FACTS } from './carry.js';
import { forgetCompression, refusalOfCompressed } from './compression.js';
import { setDeadline } from './deadline.js';
import { emptyEnvelope, readEnvelopedRequest } from './enveloped-request.js';
import { asLines } from './lines.js';
import { type Encoding, encodingOf, readUnaryRequest } from './unary-request.js';

export interface CallLimits {
  /** Time of a unary call that asks for none, or for one that makes no sense, in ms. */
  readonly unaryDeadlineMs: number;
}

export interface Calls {
  /** Of every method that can be called here. */
  readonly paths: readonly string[];
  /** The methods of HTTP that a path takes; `undefined` if nothing is there. */
  allowed(path: string): readonly string[] | undefined;
  /** Answers a call on a path that is there, by a method it takes. */
  answer(path: string, req: IncomingMessage, res: ServerResponse): Promise<void>;
}

/** NO_SIDE_EFFECTS, in google.protobuf.MethodOptions. */
const NO_SIDE_EFFECTS = 1;

/** The methods of the api over HTTP: Connect, as JSON or protobuf, and gRPC-Web. */
export function createCalls(api: Api, limits: CallLimits): Calls {
  const byPath = carry(api);
  const maxBytes = api.info.limits.maxMessageBytes;

  /** The message of a request, or why there is none. */
  async function read(
    { method }: Carried,
    req: IncomingMessage,
    encoding: Encoding,
    plainQuery: URLSearchParams | undefined,
  ): Promise<Message | ReeveError | undefined> {
    if (method.kind === 'work') return undefined;
    const message = plainQuery
      ? readUnaryRequest(method.desc, encoding, req, plainQuery, maxBytes)
      : readEnvelopedRequest(method.desc, encoding, req, maxBytes);
    return message.catch((error: unknown) => {
      if (error instanceof ReeveError) return error;
      throw error;
    });
  }

  return {
    paths: [...byPath].flatMap(([path, { method }]) => (method.kind === 'work' ? [] : path)),
    allowed(path) {
      const method = byPath.get(path)?.method;
      if (!method) return undefined;
      const get = method.kind === 'unary' && method.desc.idempotency === NO_SIDE_EFFECTS;
      return get ? ['GET', 'POST'] : ['POST'];
    },
    async answer(path, req, res) {
      const carried = byPath.get(path);
      if (!carried) throw new Error(`no method at ${path}`);
      const given = universalRequestFromNodeRequest(req, res, undefined, undefined);
      const query = new URL(given.url).searchParams;
      const plain = encodingOf(req, query);
      const inLines = plain === 'json' && !carried.unary;
      const handler = inLines ? carried.stream : handlerOf(carried, plain, req);
      if (!handler) return refuseType(carried, req, res);
      const { header } = given;
      setDeadline(header, handler === carried.unary ? limits.unaryDeadlineMs : undefined);
      const encoding = plain ?? (/\+json\b/i.test(req.headers['content-type'] ?? '') ? 'json' : 'proto');
      const request = refusalOfCompressed(req, query) ?? (await read(carried, req, encoding, plain && query));
      header.delete('content-length');
      forgetCompression(header);
      // By it connect knows how a request is written that is no envelope.
      if (plain) header.set('content-type', inLines ? 'application/connect+json' : `application/${plain}`);
      // Read already: connect gets an empty one to decode.
      const empty = encoding === 'json' ? {} : none();
      const body = plain && !inLines ? empty : one(emptyEnvelope(encoding));
      const facts = { json: encoding === 'json', peer: peerOf(req), ...(request && { request }) };
      const contextValues = createContextValues().set(FACTS, facts);
      const response = await handler({ ...given, method: 'POST', header, body, contextValues });
      await universalResponseToNodeResponse(inLines ? await asLines(response) : response, res);
    },
  };
}

function handlerOf(
  { unary, stream }: Carried,
  plain: Encoding | undefined,
  req: IncomingMessage,
): UniversalHandler | undefined {
  if (plain && unary) return unary;
  const type = req.headers['content-type'] ?? '';
  return [stream, unary].find((handler) => req.method === 'POST' && handler?.supportedContentType(type));
}

async function* none(): AsyncGenerator<Uint8Array> {}

async function* one(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  yield chunk;
}

function peerOf({ socket }: IncomingMessage): string {
  return `${socket.remoteAddress}:${socket.remotePort}`;
}

function refuseType({ unary, method }: Carried, req: IncomingMessage, res: ServerResponse): void {
  const { name } = method.desc;
  const given =
    req.method === 'GET' ? 'a query without encoding=json' : req.headers['content-type'] || 'no type';
  const wanted = unary
    ? 'application/json, application/proto or application/grpc-web+proto'
    : 'application/json, to answer in lines, or application/connect+json, application/connect+proto or application/grpc-web+proto';
  const message = `${name} takes ${wanted}, not ${given}`;
  refuse(res, 415, statusOf(new ReeveError('INVALID_ARGUMENT', 'UNSUPPORTED_MEDIA_TYPE', message)));
}
