import type { IncomingMessage } from 'node:http';
import type { DescMethod, Message } from '@bufbuild/protobuf';
import { decodeJsonRequest, decodeRequest } from '../api/decode-request.js';
import { ReeveError } from '../api/errors.js';
import { readBody } from './read-body.js';

/** How the messages of a unary call in the Connect protocol are written. */
export type Encoding = 'json' | 'proto';

/** What curl says of a body unless it is told otherwise. */
const FORM = /^application\/x-www-form-urlencoded(?:; ?charset=utf-8)?$/i;
const JSON_TYPE = /^application\/json(?:; ?charset=utf-?8)?$/i;
const PROTO_TYPE = /^application\/proto$/i;

/**
 * How the messages are written; `undefined`: this is no such call. A body that calls itself a
 * form is JSON: `curl -d` says so of everything. Nothing is lost by it, because the origin of
 * forms is looked at like that of other requests.
 */
export function encodingOf(req: IncomingMessage, query: URLSearchParams): Encoding | undefined {
  const type = req.headers['content-type'] ?? '';
  if (req.method === 'GET') {
    const encoding = query.get('encoding');
    return encoding === 'json' || encoding === 'proto' ? encoding : undefined;
  }
  if (JSON_TYPE.test(type) || FORM.test(type)) return 'json';
  return PROTO_TYPE.test(type) ? 'proto' : undefined;
}

/**
 * Reads the request of a unary call, here rather than in connect, so that what is wrong with
 * it is said as at the gRPC door.
 *
 * @throws RESOURCE_EXHAUSTED (MESSAGE_TOO_LARGE), INVALID_ARGUMENT (MALFORMED_MESSAGE)
 */
export async function readUnaryRequest(
  desc: DescMethod,
  encoding: Encoding,
  req: IncomingMessage,
  query: URLSearchParams,
  maxBytes: number,
): Promise<Message> {
  const bytes = req.method === 'GET' ? bytesOf(query) : await readBody(req, maxBytes);
  return encoding === 'json' ? decodeJsonRequest(desc.input, bytes) : decodeRequest(desc.input, bytes);
}

function bytesOf(query: URLSearchParams): Uint8Array {
  const message = query.get('message') ?? '';
  if (query.get('base64') !== '1') return Buffer.from(message);
  if (/^[\w+/-]*=*$/.test(message)) return Buffer.from(message, 'base64');
  throw new ReeveError(
    'INVALID_ARGUMENT',
    'MALFORMED_MESSAGE',
    'the query says base64=1, and its message is none',
  );
}
