import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { addressText, bindError } from '../api/bind-error.js';

export interface Bound {
  /** `host:port`. */
  readonly address: string;
  /** What the host turned out to be. */
  readonly host: string;
  readonly port: number;
}

/**
 * @param port 0: any free one
 * @throws UNAVAILABLE, EADDRINUSE if the port is taken; ADDRESS_UNUSABLE for any other reason
 */
export function listen(server: Server, host: string, port: number): Promise<Bound> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(bindError(error, host, port)));
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      server.on('error', () => {});
      const bound = server.address() as AddressInfo;
      resolve({ address: addressText(bound), host: bound.address, port: bound.port });
    });
  });
}
