import { type Link, openTcpProxy, PASS } from '../tcp-proxy.js';

/**
 * `pass`: as if it were not there. `cut`: connections are reset, and so are new ones. `hold`: all
 * bytes are kept until it passes again, as with a server that hangs or a cable that was pulled.
 * `lose replies`: what callers say arrives, what they are answered does not.
 */
export type ProxyMode = 'pass' | 'cut' | 'hold' | 'lose replies';

/** A way to one server over TCP that fails as a test says. */
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
  readonly fate: 'arrive' | 'vanish';
  readonly sprung: () => void;
}

const LINKS: Readonly<Record<ProxyMode, Link>> = {
  pass: PASS,
  cut: PASS,
  hold: { toServer: { kind: 'hold' }, toClient: { kind: 'hold' } },
  'lose replies': { ...PASS, toClient: { kind: 'lose' } },
};

/** Listens on a free port of loopback for callers of `to`. */
export async function startFaultProxy(to: {
  readonly host: string;
  readonly port: number;
}): Promise<FaultProxy> {
  const targets = [`${to.host}:${to.port}`];
  const traps = new Set<Trap>();
  const proxy = await openTcpProxy(targets, (bytes) => {
    const trap = [...traps].find(({ text }) => bytes.includes(text));
    if (!trap) return 'pass';
    traps.delete(trap);
    setImmediate(trap.sprung);
    return trap.fate;
  });
  const trapped = (text: string, fate: Trap['fate']) =>
    new Promise<void>((sprung) => {
      traps.add({ text: Buffer.from(text), fate, sprung });
    });
  const { port } = proxy;
  return {
    port,
    through(url) {
      const own = new URL(url);
      own.hostname = '127.0.0.1';
      own.port = `${port}`;
      return own.href;
    },
    set(mode) {
      proxy.setTargets(mode === 'cut' ? [] : targets);
      proxy.set(LINKS[mode]);
      if (mode === 'cut') proxy.cut();
    },
    cutAll: () => void proxy.cut(),
    loseReplyTo: (text) => trapped(text, 'arrive'),
    loseRequest: (text) => trapped(text, 'vanish'),
    get connections() {
      return proxy.size();
    },
    close: async () => proxy.close(),
  };
}

/** A proxy in front of the server of a URL. */
export function startFaultProxyFor(url: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(url);
  return startFaultProxy({ host: hostname, port: Number(port) });
}
