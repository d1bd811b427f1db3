import type { IncomingMessage } from 'node:http';
import { ReeveError } from '../api/errors.js';

/**
 * Reads the body of a request.
 *
 * @param headBytes what is in front of the message that may have `maxBytes`
 * @throws RESOURCE_EXHAUSTED (MESSAGE_TOO_LARGE) as soon as it is known to have more than
 *   `maxBytes`; the rest is not read, and the connection stays
 */
export async function readBody(req: IncomingMessage, maxBytes: number, headBytes = 0): Promise<Uint8Array> {
  const most = maxBytes + headBytes;
  if (Number(req.headers['content-length'] ?? 0) > most) throw tooLarge(maxBytes);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyOf(req)) {
    size += chunk.length;
    if (size > most) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** The body as it comes. Who stops reading it does not thereby cut the connection, over which the answer goes. */
function bodyOf(req: IncomingMessage): AsyncIterable<Uint8Array> {
  return req.iterator({ destroyOnReturn: false });
}

/** How long a client may go on sending what nobody reads, in ms. */
const LINGER_MS = 1_000;

/**
 * Deals with what is left of a request that was answered before it was read. It is thrown away
 * for a moment, since a client that still sends might not see the answer if it were cut off.
 */
export function throwAwayRest(req: IncomingMessage): void {
  if (req.complete) return;
  const timer = setTimeout(() => {
    if (!req.complete) req.destroy();
  }, LINGER_MS);
  timer.unref();
  req.once('close', () => clearTimeout(timer));
  req.resume();
}

export function tooLarge(maxBytes: number): ReeveError {
  return new ReeveError(
    'RESOURCE_EXHAUSTED',
    'MESSAGE_TOO_LARGE',
    `a message has at most ${maxBytes} bytes`,
    {
      metadata: { max_message_bytes: String(maxBytes) },
    },
  );
}
