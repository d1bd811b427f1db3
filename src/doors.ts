import type { Api } from './api/api.js';
import { ReeveError } from './domain/errors.js';
import { type GrpcServer, startGrpcServer } from './grpc/server.js';
import type { MetricsText } from './http/probes.js';
import { type HttpServer, startHttpServer } from './http/server.js';
import type { Settings } from './settings/table.js';

/** How many ports are tried after a taken one. */
const PORTS_TO_TRY = 20;

/** Where callers come in: gRPC always, HTTP unless it is off. */
export interface Doors {
  /** `host:port` of gRPC. */
  readonly address: string;
  /** `host:port` of HTTP; `null` if it is off. */
  readonly httpAddress: string | null;
  /** Says, to those who ask whether the server is well, whether calls are taken. */
  setServing(serving: boolean): void;
  /** Lets calls under way end for `graceMs`, cuts the others, and closes. */
  stop(graceMs: number): Promise<void>;
}

/** @throws UNAVAILABLE (EADDRINUSE, ADDRESS_UNUSABLE); nothing listens then */
export async function openDoors(api: Api, metrics: MetricsText, settings: Settings): Promise<Doors> {
  const { host, reflection, allowedHosts, allowedOrigins } = settings;
  const grpc: GrpcServer = await onFreePort(settings.port, (port) =>
    startGrpcServer({ api, host, port, reflection }),
  );
  let http: HttpServer | null = null;
  try {
    if (settings.http) {
      http = await onFreePort(settings.httpPort, (port) =>
        startHttpServer({ api, metrics, host, port, allowedHosts, allowedOrigins }),
      );
    }
  } catch (error) {
    await grpc.stop(0);
    throw error;
  }
  return {
    address: grpc.address,
    httpAddress: http?.address ?? null,
    setServing(serving) {
      http?.setServing(serving);
      grpc.setServing(serving);
    },
    async stop(graceMs) {
      await Promise.all([grpc.stop(graceMs), http?.whenQuiet(graceMs)]);
      await http?.close();
    },
  };
}

/** Listens on a port or, where that is taken, on the next free one. */
async function onFreePort<Server>(first: number, start: (port: number) => Promise<Server>): Promise<Server> {
  for (let tried = 0; ; tried += 1) {
    const port = first === 0 ? 0 : first + tried;
    try {
      return await start(port);
    } catch (error) {
      const taken = error instanceof ReeveError && error.reason === 'EADDRINUSE';
      if (!taken || first === 0 || tried >= PORTS_TO_TRY || port >= 65_535) throw error;
    }
  }
}
