import { once } from 'node:events';
import net from 'node:net';

/**
 * `pass`: as if it were not there. `cut`: connections are reset, and so are new ones. `hold`: all
 * bytes are kept until it passes again, as with a server that hangs or a cable that was pulled.
 * `lose replies`: what callers say arrives, what they are answered does not.
 */
export type ProxyMode = 'pass' | 'cut' | 'hold' | 'lose replies';

/** A way to a server over TCP that fails as a test says. */
export interface FaultProxy {
  readonly port: number;
  /** A URL of the server with the host and port of the proxy. */
  through(url: string): string;
  set(mode: ProxyMode): void;
  /** Resets all connections there are; new ones pass as the mode has it. */
  cutAll(): void;
  /**
   * The next bytes of a caller that have `text` in them arrive, and then its connection is reset:
   * the server does what it was asked and nobody hears of it. Resolves when that has happened.
   */
  loseReplyTo(text: string): Promise<void>;
  /** The same before they arrive: the server does nothing. */
  loseRequest(text: string): Promise<void>;
  /** Connections that are open now. */
  readonly connections: number;
  close(): Promise<void>;
}

interface Trap {
  readonly text: Buffer;
  readonly arrives: boolean;
  readonly sprung: () => void;
}

interface Pair {
  readonly caller: net.Socket;
  readonly server: net.Socket;
}

/** Listens on a free port of loopback for callers of `to`. */
export async function startFaultProxy(to: {
  readonly host: string;
  readonly port: number;
}): Promise<FaultProxy> {
  let mode: ProxyMode = 'pass';
  const traps = new Set<Trap>();
  const pairs = new Set<Pair>();

  const listener = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (caller) => {
    if (mode === 'cut') {
      caller.on('error', () => undefined);
      caller.resetAndDestroy();
      return;
    }
    const server = net.connect({ ...to, allowHalfOpen: true });
    const pair = { caller, server };
    pairs.add(pair);
    for (const [from, other] of [
      [caller, server],
      [server, caller],
    ] as const) {
      from.setNoDelay(true);
      from.on('error', () => other.resetAndDestroy());
      from.on('close', () => {
        pairs.delete(pair);
        if (from.errored) other.resetAndDestroy();
      });
      from.on('end', () => other.end());
      other.on('drain', () => flow(from));
    }
    caller.on('data', (bytes) => {
      const trap = [...traps].find(({ text }) => bytes.includes(text));
      if (!trap) return forward(bytes, caller, server);
      traps.delete(trap);
      // The server does what it was asked before it sees that nobody is there any more.
      if (trap.arrives) server.end(bytes);
      else server.resetAndDestroy();
      server.removeAllListeners('data').removeAllListeners('end').resume();
      caller.removeAllListeners('data').resetAndDestroy();
      trap.sprung();
    });
    server.on('data', (bytes) => {
      if (mode !== 'lose replies') forward(bytes, server, caller);
    });
    flow(caller);
    flow(server);
  });

  const forward = (bytes: Buffer, from: net.Socket, to: net.Socket) => {
    if (!to.destroyed && !to.write(bytes)) from.pause();
  };
  const flow = (socket: net.Socket) => {
    if (mode === 'hold') socket.pause();
    else socket.resume();
  };
  const cutAll = () => {
    for (const { caller, server } of pairs) {
      caller.resetAndDestroy();
      server.resetAndDestroy();
    }
  };
  const trap = (text: string, arrives: boolean) =>
    new Promise<void>((sprung) => {
      traps.add({ text: Buffer.from(text), arrives, sprung });
    });

  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as net.AddressInfo;
  return {
    port,
    through(url) {
      const own = new URL(url);
      own.hostname = '127.0.0.1';
      own.port = `${port}`;
      return own.href;
    },
    set(next) {
      mode = next;
      if (mode === 'cut') cutAll();
      for (const { caller, server } of pairs) {
        flow(caller);
        flow(server);
      }
    },
    cutAll,
    loseReplyTo: (text) => trap(text, true),
    loseRequest: (text) => trap(text, false),
    get connections() {
      return pairs.size;
    },
    async close() {
      mode = 'cut';
      cutAll();
      listener.close();
      await once(listener, 'close');
    },
  };
}

/** A proxy in front of the server of a URL. */
export function startFaultProxyFor(url: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(url);
  return startFaultProxy({ host: hostname, port: Number(port) });
}
