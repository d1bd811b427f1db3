import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Api } from '../api/api.js';
import { createCalls } from './calls.js';
import { isLoopback } from './hosts.js';
import { listen } from './listen.js';
import { createProbes, type MetricsText, type Readiness } from './probes.js';
import { answerRequest, type RequestWorld } from './requests.js';

export interface HttpServerOptions {
  readonly api: Api;
  readonly metrics: MetricsText;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Names it answers to besides those of this machine. */
  readonly allowedHosts: readonly string[];
  /** Origins besides its own whose pages may call it. */
  readonly allowedOrigins: readonly string[];
  readonly limits?: Partial<HttpLimits>;
}

export interface HttpLimits {
  /** Bytes of the first line and the headers of a request. Default 16 KiB. */
  readonly maxHeaderBytes: number;
  /** Connections at once; further ones are closed. Default 1,000. */
  readonly maxConnections: number;
  /** Until the headers of a request are there. Default 10 s. */
  readonly headersTimeoutMs: number;
  /** Until the whole request is there. Default 30 s. */
  readonly requestTimeoutMs: number;
  /** How long a connection without a request is kept. Default 65 s, a little more than balancers do. */
  readonly keepAliveMs: number;
  /** Time of a unary call that asks for none, or for one that makes no sense. Default 60 s. */
  readonly unaryDeadlineMs: number;
}

const DEFAULT_LIMITS: HttpLimits = {
  maxHeaderBytes: 16 * 1024,
  maxConnections: 1_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveMs: 65_000,
  unaryDeadlineMs: 60_000,
};

/** How often connections are looked at that are slow to send, in ms. */
const LOOK_MS = 1_000;
/** When a connection without traffic is probed, so that those of dead machines end, in ms. */
const PROBE_MS = 30_000;

export interface HttpServer {
  readonly port: number;
  /** `host:port`. */
  readonly address: string;
  /**
   * Begins to take calls, which are refused before; or ends it: `/readyz` says that the server
   * stops, and calls are refused. Those under way go on.
   */
  setServing(serving: boolean): void;
  /** Resolves when no call is open, or after `graceMs`. To be called after `setServing(false)`. */
  whenQuiet(graceMs: number): Promise<void>;
  /** Stops listening, and cuts whatever is left. May be called twice. */
  close(): Promise<void>;
}

/**
 * Carries the api over HTTP/1.1: Connect, as JSON or protobuf, and gRPC-Web; with `/livez`,
 * `/readyz` and `/metrics`.
 *
 * @throws UNAVAILABLE (EADDRINUSE) if the port is taken, UNAVAILABLE (ADDRESS_UNUSABLE) for
 *   any other reason not to listen
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { api, metrics, host, port } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  let readiness: Readiness = 'starting';
  const open = new OpenCalls();

  const server = createServer({
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: Math.min(LOOK_MS, limits.headersTimeoutMs),
    keepAlive: true,
    keepAliveInitialDelay: PROBE_MS,
    noDelay: true,
  });
  server.maxConnections = limits.maxConnections;
  const bound = await listen(server, host, port);
  const world: RequestWorld = {
    api,
    calls: createCalls(api, limits),
    probes: createProbes({ readiness: () => readiness, metrics }),
    rules: {
      bound: [host.toLowerCase(), bound.host],
      loopback: isLoopback(bound.host),
      allowed: options.allowedHosts,
      origins: options.allowedOrigins,
    },
    readiness: () => readiness,
    onCall: (res) => open.add(res),
  };
  server.on('request', (req, res) => {
    if (readiness === 'stopping') res.setHeader('connection', 'close');
    void answerRequest(world, req, res);
  });
  api.log.debug({ address: bound.address }, 'HTTP is served');

  let closed: Promise<void> | undefined;
  return {
    port: bound.port,
    address: bound.address,
    setServing(serving) {
      readiness = serving ? 'ready' : 'stopping';
    },
    async whenQuiet(graceMs) {
      if (await open.endWithin(graceMs)) return;
      api.log.warn({ graceMs }, 'calls over HTTP that did not end in time are cut off');
    },
    close() {
      closed ??= close(server);
      return closed;
    },
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** The calls that are under way. */
class OpenCalls {
  #open = 0;
  #quiet: () => void = () => {};

  add(res: ServerResponse): void {
    this.#open += 1;
    res.once('close', () => {
      this.#open -= 1;
      if (this.#open === 0) this.#quiet();
    });
  }

  /** Whether all of them end within `ms`. */
  endWithin(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms);
      this.#quiet = () => {
        clearTimeout(timer);
        resolve(true);
      };
      if (this.#open === 0) this.#quiet();
    });
  }
}
