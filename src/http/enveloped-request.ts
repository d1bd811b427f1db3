import type { IncomingMessage } from 'node:http';
import type { DescMethod, Message } from '@bufbuild/protobuf';
import { decodeJsonRequest, decodeRequest } from '../api/decode-request.js';
import { ReeveError } from '../api/errors.js';
import { readBody, tooLarge } from './read-body.js';
import type { Encoding } from './unary-request.js';

/** A byte of flags, and the length of the message. */
const HEAD_BYTES = 5;

/**
 * Reads the one message of a request in gRPC-Web, or of a stream in the Connect protocol, here
 * rather than in connect, so that what is wrong with it is said as at the other doors.
 *
 * @throws RESOURCE_EXHAUSTED (MESSAGE_TOO_LARGE), INVALID_ARGUMENT (NOT_ENVELOPED,
 *   MALFORMED_MESSAGE, INVALID_FIELD)
 */
export async function readEnvelopedRequest(
  desc: DescMethod,
  encoding: Encoding,
  req: IncomingMessage,
  maxBytes: number,
): Promise<Message> {
  const body = Buffer.from(await readBody(req, maxBytes, HEAD_BYTES));
  if (body.length < HEAD_BYTES || body.readUInt8(0) > 1) throw notEnveloped(req);
  if (body.readUInt8(0) === 1) throw malformed('its message is compressed, and no header says how');
  const length = body.readUInt32BE(1);
  if (length > maxBytes) throw tooLarge(maxBytes);
  const bytes = body.subarray(HEAD_BYTES);
  if (bytes.length !== length) {
    throw malformed(`its envelope says ${length} bytes, and after it are ${bytes.length}`);
  }
  return encoding === 'json' ? decodeJsonRequest(desc.input, bytes) : decodeRequest(desc.input, bytes);
}

/** An empty message in its envelope. */
export function emptyEnvelope(encoding: Encoding): Uint8Array {
  return Buffer.from(encoding === 'json' ? '\0\0\0\0\u0002{}' : '\0\0\0\0\0', 'latin1');
}

function notEnveloped({ headers }: IncomingMessage): ReeveError {
  const message = `a body of ${headers['content-type']} is an envelope: a byte 0, the length of the message in four bytes, the message; JSON without one goes as application/json`;
  return new ReeveError('INVALID_ARGUMENT', 'NOT_ENVELOPED', message);
}

function malformed(what: string): ReeveError {
  return new ReeveError('INVALID_ARGUMENT', 'MALFORMED_MESSAGE', `the request is not sound: ${what}`);
}
