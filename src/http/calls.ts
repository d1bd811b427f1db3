import type { IncomingMessage, ServerResponse } from 'node:http';
import { createContextValues } from '@connectrpc/connect';
import type { UniversalHandler, UniversalServerRequest } from '@connectrpc/connect/protocol';
import { universalRequestFromNodeRequest, universalResponseToNodeResponse } from '@connectrpc/connect-node';
import type { Api } from '../api/api.js';
import { ReeveError, statusOf } from '../api/errors.js';
import { refuse } from './answer.js';
import { type CallFacts, type Carried, carry, FACTS } from './carry.js';
import { setDeadline } from './deadline.js';
import { bodyOf } from './read-body.js';
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

  /** How connect gets to see a unary call in the Connect protocol: read already. */
  async function unaryRequest(
    carried: Carried,
    encoding: Encoding,
    given: UniversalServerRequest,
    req: IncomingMessage,
    query: URLSearchParams,
  ): Promise<UniversalServerRequest> {
    const { desc } = carried.method;
    const request =
      carried.method.kind === 'work'
        ? undefined
        : await readUnaryRequest(desc, encoding, req, query, maxBytes).catch((error: unknown) => {
            if (error instanceof ReeveError) return error;
            throw error;
          });
    const { header } = given;
    header.set('content-type', `application/${encoding}`);
    header.delete('content-length');
    const compression = query.get('compression');
    if (req.method === 'GET' && compression !== null) header.set('content-encoding', compression);
    const facts = { json: encoding === 'json', peer: peerOf(req), ...(request && { request }) };
    return { ...given, method: 'POST', header, body: encoding === 'json' ? {} : nothing(), ...values(facts) };
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
      const encoding = carried.unary && encodingOf(req, query);
      const handler = handlerOf(carried, encoding, req);
      if (!handler) return refuseType(carried, req, res);
      setDeadline(given.header, handler === carried.unary ? limits.unaryDeadlineMs : undefined);
      const request = encoding
        ? await unaryRequest(carried, encoding, given, req, query)
        : { ...given, body: bodyOf(req), ...values(factsOf(req)) };
      if (carried.method.kind === 'work' && !encoding) request.body = emptyMessage();
      await universalResponseToNodeResponse(await handler(request), res);
    },
  };
}

function handlerOf(
  { unary, stream }: Carried,
  encoding: Encoding | undefined,
  req: IncomingMessage,
): UniversalHandler | undefined {
  if (encoding) return unary;
  const type = req.headers['content-type'] ?? '';
  return [stream, unary].find((handler) => req.method === 'POST' && handler?.supportedContentType(type));
}

function factsOf(req: IncomingMessage): CallFacts {
  return { json: /\+json\b/i.test(req.headers['content-type'] ?? ''), peer: peerOf(req) };
}

function values(facts: CallFacts): Pick<UniversalServerRequest, 'contextValues'> {
  return { contextValues: createContextValues().set(FACTS, facts) };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** An empty message in its envelope. */
async function* emptyMessage(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(5);
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
    : 'application/connect+json, application/connect+proto or application/grpc-web+proto, since it answers with a stream';
  const message = `${name} takes ${wanted}, not ${given}`;
  refuse(res, 415, statusOf(new ReeveError('INVALID_ARGUMENT', 'UNSUPPORTED_MEDIA_TYPE', message)));
}
