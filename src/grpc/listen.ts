import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { addressText, bindError } from '../api/bind-error.js';

/** A listening socket and the connections that came through it. */
export interface Listener {
  readonly address: string;
  readonly port: number;
  /** Takes no more connections; those there are stay. */
  close(): void;
  /** Cuts the connections that are left. */
  cut(): void;
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** At once; further ones are closed. */
  readonly maxConnections: number;
}

/**
 * Listens, and hands each connection on. The socket is ours rather than grpc-js's: so that a
 * taken port is told apart from other failures, and that a stop can cut what does not end.
 *
 * @throws UNAVAILABLE, EADDRINUSE if the port is taken; ADDRESS_UNUSABLE for any other reason
 */
export function listen(
  { host, port, maxConnections }: ListenOptions,
  onConnection: (socket: Socket) => void,
): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  server.maxConnections = maxConnections;
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(bindError(error, host, port)));
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      server.on('error', () => {});
      resolve({
        ...addressOf(server),
        close: () => void server.close(),
        cut: () => {
          for (const socket of sockets) socket.destroy();
        },
      });
    });
  });
}

function addressOf(server: Server): { address: string; port: number } {
  const bound = server.address() as AddressInfo;
  return { address: addressText(bound), port: bound.port };
}
