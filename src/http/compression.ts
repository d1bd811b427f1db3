import type { IncomingMessage } from 'node:http';
import { ReeveError } from '../api/errors.js';

/** The headers that say how a message is compressed: of a body, of a stream of Connect, of gRPC-Web. */
const HEADERS = ['content-encoding', 'connect-content-encoding', 'grpc-encoding'];

/**
 * What to answer a request that is compressed, which none may be here.
 *
 * @param query of a call by GET
 * @returns UNIMPLEMENTED (COMPRESSION_UNSUPPORTED), which clients of Connect expect; `undefined`
 *   if the request is not compressed
 */
export function refusalOfCompressed(
  { headers, method }: IncomingMessage,
  query: URLSearchParams,
): ReeveError | undefined {
  const named = HEADERS.map((name) => String(headers[name] ?? ''));
  if (method === 'GET') named.push(query.get('compression') ?? '');
  const compression = named.find((name) => !/^(?:identity)?$/i.test(name.trim()));
  if (compression === undefined) return undefined;
  const message = `the request is compressed (${compression.slice(0, 100)}): send it uncompressed, without the header that names a compression`;
  return new ReeveError('UNIMPLEMENTED', 'COMPRESSION_UNSUPPORTED', message);
}

/** Takes away what connect would refuse by itself. */
export function forgetCompression(header: Headers): void {
  for (const name of HEADERS) header.delete(name);
}
