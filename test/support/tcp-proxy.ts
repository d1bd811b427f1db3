import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { createPipe, type Flow, type Pipe } from './tcp-pipe.js';

/** Both directions of a connection. */
export interface Link {
  readonly toServer: Flow;
  readonly toClient: Flow;
}

/** As if the proxy was not there. */
export const PASS: Link = { toServer: { kind: 'pass' }, toClient: { kind: 'pass' } };

/** A TCP proxy on loopback whose connections a test can cut, slow down and rob of replies. */
export interface TcpProxy {
  readonly port: number;
  /** `127.0.0.1:port`. */
  readonly address: string;
  /** Where new connections go, in turn; one that takes none is passed over. `host:port` each. */
  setTargets(targets: readonly string[]): void;
  /**
   * What becomes of bytes from here on.
   *
   * @param share of the connections there are, taken from the oldest; with less than 1 new ones pass
   */
  set(link: Link, share?: number): void;
  /** Everything passes again. Connections that have lost bytes are cut: what follows would make no sense. */
  heal(): void;
  /** Resets connections, the oldest first. @returns how many */
  cut(share?: number): number;
  /** How many bytes were thrown away of the connections there are. */
  lost(): number;
  /** How many connections there are. */
  size(): number;
  close(): void;
}

/**
 * What becomes of bytes for the server: they pass; or they arrive, or do not, and the connection is
 * reset either way, so that the client never hears of them.
 */
export type Fate = 'pass' | 'arrive' | 'vanish';

interface Connection {
  readonly pipes: readonly [Pipe, Pipe];
  destroy(): void;
}

/**
 * @param targets where connections go, `host:port` each; see `setTargets`
 * @param fateOf asked of all that clients say. Default: it passes
 */
export async function openTcpProxy(
  targets: readonly string[],
  fateOf: (bytes: Buffer) => Fate = () => 'pass',
): Promise<TcpProxy> {
  let current = targets;
  let turn = 0;
  let everybody: Link = PASS;
  const connections = new Set<Connection>();
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => void serve(client));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  }

  async function serve(client: Socket): Promise<void> {
    keep(client);
    client.pause();
    const upstream = await reach();
    if (!upstream || client.destroyed) {
      upstream?.destroy();
      client.resetAndDestroy();
      return;
    }
    keep(upstream);
    const takes = (bytes: Buffer) => {
      const fate = fateOf(bytes);
      if (fate === 'pass') return false;
      connections.delete(connection);
      for (const socket of [client, upstream]) socket.removeAllListeners('data').removeAllListeners('end');
      // The server does what it was asked before it sees that nobody is there any more.
      if (fate === 'arrive') upstream.resume().end(bytes);
      else upstream.resetAndDestroy();
      client.removeAllListeners('close').resetAndDestroy();
      sockets.delete(client);
      return true;
    };
    const pipes = [createPipe(client, upstream, takes), createPipe(upstream, client)] as const;
    const connection: Connection = {
      pipes,
      destroy() {
        client.resetAndDestroy();
        upstream.resetAndDestroy();
      },
    };
    connections.add(connection);
    apply(connection, everybody);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.once('close', () => {
        connections.delete(connection);
        other.destroy();
      });
    }
  }

  /** The next target that takes a connection. */
  async function reach(): Promise<Socket | undefined> {
    for (let tries = 0; tries < current.length; tries++) {
      const target = current[turn++ % current.length] ?? '';
      const at = target.lastIndexOf(':');
      const socket = dial({
        host: target.slice(0, at),
        port: Number(target.slice(at + 1)),
        allowHalfOpen: true,
        noDelay: true,
      });
      try {
        await once(socket, 'connect');
        return socket;
      } catch {
        socket.destroy();
      }
    }
    return undefined;
  }

  function apply({ pipes: [up, down] }: Connection, link: Link): void {
    up.set(link.toServer);
    down.set(link.toClient);
  }
  const first = (share: number) => [...connections].slice(0, Math.ceil(connections.size * share));

  return {
    port,
    address: `127.0.0.1:${port}`,
    setTargets(given) {
      current = given;
    },
    set(link, share = 1) {
      if (share >= 1) everybody = link;
      for (const connection of first(share)) apply(connection, link);
    },
    heal() {
      everybody = PASS;
      for (const connection of [...connections]) {
        if (connection.pipes.some((pipe) => pipe.lost() > 0)) connection.destroy();
        else apply(connection, PASS);
      }
    },
    cut(share = 1) {
      const chosen = first(share);
      for (const connection of chosen) connection.destroy();
      return chosen.length;
    },
    lost: () => [...connections].flatMap(({ pipes }) => pipes).reduce((sum, pipe) => sum + pipe.lost(), 0),
    size: () => connections.size,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
