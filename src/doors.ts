import type { Api } from './api/api.js';
import { ReeveError } from './domain/errors.js';
import { type GrpcServer, startGrpcServer } from './grpc/server.js';
import type { MetricsText } from './http/probes.js';
import { type HttpServer, startHttpServer } from './http/server.js';
import type { Log } from './ports/log.js';
import type { Settings } from './settings/table.js';

/** How many ports are tried after a taken one. */
const PORTS_TO_TRY = 20;

/** A door that is elsewhere than was wanted, because that port was taken. */
export interface MovedPort {
  readonly door: 'gRPC' | 'HTTP';
  readonly wanted: number;
  readonly used: number;
}

/** Where callers come in: gRPC always, HTTP unless it is off. */
export interface Doors {
  /** `host:port` of gRPC. */
  readonly address: string;
  /** `host:port` of HTTP; `null` if it is off. */
  readonly httpAddress: string | null;
  readonly moved: readonly MovedPort[];
  /** Says, to those who ask whether the server is well, whether calls are taken. */
  setServing(serving: boolean): void;
  /** Lets calls under way end for `graceMs`, cuts the others, and closes. */
  stop(graceMs: number): Promise<void>;
}

/** What is behind the doors. */
export interface DoorContents {
  readonly api: Api;
  readonly metrics: MetricsText;
}

export interface DoorOptions extends DoorContents {
  readonly settings: Settings;
  readonly log: Log;
  /** How a taken port is replaced by another; `null`: it is not, the start fails. */
  readonly moving: Moving | null;
}

export interface Moving {
  /** Settings that somebody has set: only ports that are not among them are remembered. */
  readonly given: ReadonlySet<keyof Settings>;
  readonly memory: PortMemory;
}

/** Keeps, from one start to the next, what took the place of a taken port. */
export interface PortMemory {
  readonly ports: Partial<Ports>;
  rememberPorts(ports: Partial<Ports>): Promise<void>;
}

type Ports = Pick<Settings, 'port' | 'httpPort'>;

/** @throws UNAVAILABLE (EADDRINUSE, ADDRESS_UNUSABLE); nothing listens then */
export async function openDoors(options: DoorOptions): Promise<Doors> {
  const { api, metrics, settings, moving, log } = options;
  const { host, reflection, allowedHosts, allowedOrigins } = settings;
  const wanted = (setting: keyof Ports) =>
    (moving?.given.has(setting) ? undefined : moving?.memory.ports[setting]) ?? settings[setting];
  const portsToTry = moving ? PORTS_TO_TRY : 0;
  const grpc: GrpcServer = await onFreePort(wanted('port'), portsToTry, (port) =>
    startGrpcServer({ api, host, port, reflection }),
  );
  let http: HttpServer | null = null;
  try {
    if (settings.http) {
      http = await onFreePort(wanted('httpPort'), portsToTry, (port) =>
        startHttpServer({ api, metrics, host, port, allowedHosts, allowedOrigins }),
      );
    }
  } catch (error) {
    await grpc.stop(0);
    throw error;
  }
  const moved = [
    ...movedPort('gRPC', wanted('port'), grpc.address),
    ...(http ? movedPort('HTTP', wanted('httpPort'), http.address) : []),
  ];
  if (moving) {
    await remember(moved, moving).catch((error: unknown) => {
      log.warn({ err: error }, 'the ports could not be remembered');
    });
  }
  return {
    address: grpc.address,
    httpAddress: http?.address ?? null,
    moved,
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

function movedPort(door: MovedPort['door'], wanted: number, address: string): readonly MovedPort[] {
  const used = Number(address.slice(address.lastIndexOf(':') + 1));
  return wanted === 0 || wanted === used ? [] : [{ door, wanted, used }];
}

async function remember(moved: readonly MovedPort[], { given, memory }: Moving): Promise<void> {
  const ports: Partial<Record<keyof Ports, number>> = {};
  for (const { door, used } of moved) {
    const setting = door === 'gRPC' ? 'port' : 'httpPort';
    if (!given.has(setting)) ports[setting] = used;
  }
  if (Object.keys(ports).length > 0) await memory.rememberPorts(ports);
}

/** Listens on a port or, where that is taken, on the next free one among so many. */
async function onFreePort<Server>(
  first: number,
  portsToTry: number,
  start: (port: number) => Promise<Server>,
): Promise<Server> {
  for (let tried = 0; ; tried += 1) {
    const port = first === 0 ? 0 : first + tried;
    try {
      return await start(port);
    } catch (error) {
      const taken = error instanceof ReeveError && error.reason === 'EADDRINUSE';
      if (!taken || first === 0 || tried >= portsToTry || port >= 65_535) throw error;
    }
  }
}
