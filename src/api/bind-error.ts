import { ReeveError } from '../domain/errors.js';

/**
 * Why a door cannot listen.
 *
 * @returns UNAVAILABLE, EADDRINUSE if the port is taken; ADDRESS_UNUSABLE for any other reason
 */
export function bindError(error: Error & { code?: string }, host: string, port: number): ReeveError {
  const taken = error.code === 'EADDRINUSE';
  const message = taken ? `${host}:${port} is taken` : `cannot listen on ${host}:${port}: ${error.message}`;
  return new ReeveError('UNAVAILABLE', taken ? 'EADDRINUSE' : 'ADDRESS_UNUSABLE', message, {
    metadata: { host, port: String(port) },
  });
}

/** Where a door listens, as `host:port`. */
export function addressText({
  address,
  family,
  port,
}: {
  address: string;
  family: string;
  port: number;
}): string {
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}
