import type { DescFile } from '@bufbuild/protobuf';
import { Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import { file_google_rpc_error_details } from '@reeve/sdk/protocol';
import type { Api } from '../api/api.js';
import type { Rate } from './allowance.js';
import { carry } from './carry.js';
import { definitionOf } from './definitions.js';
import { createGate } from './gate.js';
import { type ConnectionRules, guardConnections } from './guard-connections.js';
import { guardStreams } from './guard-streams.js';
import { createHealth } from './health.js';
import { listen } from './listen.js';
import { createReflection } from './reflection/reflection.js';

export interface GrpcServerOptions {
  readonly api: Api;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Whether callers may ask for the descriptors. */
  readonly reflection: boolean;
  readonly limits?: Partial<GrpcLimits>;
}

export interface GrpcLimits extends ConnectionRules {
  /** Bytes of the metadata of a call. Default 16 KiB. */
  readonly maxMetadataBytes: number;
  /** Calls at once over one connection, those included that the client has given up and that are still worked on. Default 1,000. */
  readonly maxConcurrentStreams: number;
  /** Connections at once; further ones are closed. Default 20,000: 10,000 agents, and those of them that move, and clients. */
  readonly maxConnections: number;
  /** How often a connection is asked for a sign of life, and how long that may take. Default 30 s and 20 s. */
  readonly keepaliveMs: number;
  readonly keepaliveTimeoutMs: number;
  /** When a connection takes no more calls, so that clients make another; streams go on. Default 6 h, a tenth more or less. */
  readonly maxConnectionAgeMs: number;
  /** Default 10,000 at once and 1,000 a second: clients measure the line by them. */
  readonly pings: Rate;
  /** Default 800 at once and 100 a second. */
  readonly resets: Rate;
  /** Time of a unary call that asks for none, or for one that makes no sense. Default 60 s. */
  readonly unaryDeadlineMs: number;
}

const DEFAULT_LIMITS: GrpcLimits = {
  maxMetadataBytes: 16 * 1024,
  maxConcurrentStreams: 1_000,
  maxConnections: 20_000,
  keepaliveMs: 30_000,
  keepaliveTimeoutMs: 20_000,
  maxConnectionAgeMs: 6 * 3_600_000,
  pings: { burst: 10_000, perSecond: 1_000 },
  resets: { burst: 800, perSecond: 100 },
  unaryDeadlineMs: 60_000,
};

/** How long clients have to close connections that carry no call, in ms. */
const HANG_UP_MS = 500;

export interface GrpcServer {
  readonly port: number;
  /** `host:port`, for clients. */
  readonly address: string;
  /** What health checks are told, of the server and of each service. True from the start. */
  setServing(serving: boolean): void;
  /**
   * Takes no more connections and calls, ends what only waits, gives the other calls
   * `graceMs` and then cuts them. May be called twice.
   */
  stop(graceMs: number): Promise<void>;
}

/**
 * Carries the api over gRPC, with health and reflection.
 *
 * @throws UNAVAILABLE (EADDRINUSE) if the port is taken, UNAVAILABLE (ADDRESS_UNUSABLE) for
 *   any other reason not to listen
 */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const { api, host, port } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const server = new Server({
    'grpc.max_receive_message_length': api.info.limits.maxMessageBytes,
    'grpc.max_concurrent_streams': limits.maxConcurrentStreams,
    'grpc.keepalive_time_ms': limits.keepaliveMs,
    'grpc.keepalive_timeout_ms': limits.keepaliveTimeoutMs,
    'grpc.max_connection_age_ms': limits.maxConnectionAgeMs,
    'grpc.enable_channelz': 0,
  });

  const gate = createGate(limits.maxConcurrentStreams);
  const unary = new Set<string>();
  for (const service of api.services) {
    const methods = api.methods.filter((method) => method.desc.parent === service);
    const definitions = methods.map((method) => [method.desc.name, definitionOf(method.desc)] as const);
    const definition: ServiceDefinition = Object.fromEntries(definitions);
    server.addService(definition, Object.fromEntries(methods.map((m) => [m.desc.name, carry(api, m, gate)])));
    for (const [, { path, requestStream, responseStream }] of definitions) {
      if (!requestStream && !responseStream) unary.add(path);
    }
  }
  const health = createHealth(api.services.map((service) => service.typeName));
  server.addService(health.definition, health.implementation);
  // With the details that errors carry, so that clients that ask can show them.
  const files: DescFile[] = [
    ...new Set(api.services.map((service) => service.file)),
    file_google_rpc_error_details,
  ];
  const reflection = options.reflection ? createReflection(files, api) : undefined;
  for (const { definition, implementation } of reflection?.services ?? []) {
    server.addService(definition, implementation);
  }

  const guard = guardStreams(server, { ...limits, isUnary: (path) => unary.has(path) });
  guardConnections(server, limits);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = await listen({ host, port, maxConnections: limits.maxConnections }, (socket) =>
    injector.injectConnection(socket),
  );
  health.setServing(true);
  api.log.debug({ address: listener.address }, 'gRPC is served');

  let stopped: Promise<void> | undefined;
  async function stop(graceMs: number): Promise<void> {
    health.setServing(false);
    listener.close();
    api.close();
    health.close();
    reflection?.close();
    const ended = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
    const inTime = await within(graceMs, Promise.race([ended, guard.whenQuiet()]));
    if (!inTime) api.log.warn({ graceMs }, 'calls that did not end in time are cut off');
    // Without calls a client closes when it is told to go; whoever does not is not waited for.
    else await within(HANG_UP_MS, ended);
    listener.cut();
    server.forceShutdown();
    await ended;
  }

  return {
    port: listener.port,
    address: listener.address,
    setServing: health.setServing,
    stop: (graceMs) => {
      stopped ??= stop(graceMs);
      return stopped;
    },
  };
}

/** Whether `promise` resolves within `ms`. */
async function within(ms: number, promise: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const inTime = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}
