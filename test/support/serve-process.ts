import { randomInt } from 'node:crypto';
import { type Exit, type ReeveProcess, startReeve } from './reeve-process.js';

export interface ServeOptions {
  readonly postgresUrl: string;
  readonly redisUrl: string;
  /** Further arguments of `reeve serve`. */
  readonly args?: readonly string[];
  /** Further environment, for example `REEVE_FAILPOINTS`. */
  readonly env?: Readonly<Record<string, string>>;
  /** How long it may take until it serves. Default 60,000. */
  readonly timeoutMs?: number;
}

/** One coordinator of a fleet, in a process of its own. It may be started again, at the same place. */
export interface ServeProcess {
  /** Where it serves gRPC and HTTP, as `host:port`; the same after `restart`. */
  readonly address: string;
  readonly httpAddress: string;
  /** Of the process that was started last. */
  readonly pid: number;
  readonly coordinatorId: string;
  /** Resolves when that process has ended, however that came about. */
  readonly exited: Promise<Exit>;
  /** Sends SIGTERM and waits for the end. Safe to call twice, and after the end. */
  stop(): Promise<Exit>;
  /** Ends it as a crash would, by SIGKILL, and waits for the end; also one that is frozen. */
  kill(): Promise<Exit>;
  /** SIGSTOP and SIGCONT: it is there and does nothing. */
  freeze(): void;
  thaw(): void;
  /** Starts it again after its end, and waits until it serves. @param env besides the one from before */
  restart(env?: Readonly<Record<string, string>>): Promise<void>;
  /** What it has written so far, since it was started last. */
  stderr(): string;
  stdout(): string;
}

/** Below the ports that the kernel gives to whoever asks for any, where another might get it during a restart. */
const PORTS = [22_000, 30_000] as const;
/** Ports are chosen by chance, and tests run beside each other. */
const STARTS = 5;

/**
 * Starts a real `reeve serve` and waits for the line in which it says that it serves.
 *
 * @throws Error with the process's stderr, if it ends or takes too long before that
 */
export async function startServe(options: ServeOptions): Promise<ServeProcess> {
  const { timeoutMs = 60_000 } = options;
  let own = await start(options.env ?? {});
  const { port, httpPort } = own;

  async function start(env: Readonly<Record<string, string>>, at?: { port: number; httpPort: number }) {
    for (let tries = 1; ; tries++) {
      const ports = at ?? { port: randomInt(...PORTS), httpPort: randomInt(...PORTS) };
      const child = spawnServe({ ...options, env }, ports);
      try {
        return { ...ports, ...parse(await child.firstLine(timeoutMs)), child };
      } catch (error) {
        child.signal('SIGKILL');
        await child.exited;
        const words = `${(error as Error).message}\nIts stderr:\n${child.stderr()}`;
        if (at || tries === STARTS || !child.stderr().includes('EADDRINUSE')) throw new Error(words);
      }
    }
  }
  return {
    address: `127.0.0.1:${port}`,
    httpAddress: `127.0.0.1:${httpPort}`,
    get pid() {
      return own.pid;
    },
    get coordinatorId() {
      return own.coordinatorId;
    },
    get exited() {
      return own.child.exited;
    },
    stop() {
      own.child.signal('SIGTERM');
      return own.child.exited;
    },
    kill() {
      own.child.signal('SIGKILL');
      return own.child.exited;
    },
    freeze: () => own.child.signal('SIGSTOP'),
    thaw: () => own.child.signal('SIGCONT'),
    async restart(env = {}) {
      await own.child.exited;
      own = await start({ ...options.env, ...env }, { port, httpPort });
    },
    stderr: () => own.child.stderr(),
    stdout: () => own.child.stdout(),
  };
}

/** Starts one and waits for nothing; for those that are not to serve. @param ports default: any that are free */
export function spawnServe(
  { postgresUrl, redisUrl, args = [], env }: ServeOptions,
  { port, httpPort } = { port: 0, httpPort: 0 },
): ReeveProcess {
  const ports = ['--port', String(port), '--http-port', String(httpPort)];
  return startReeve({
    args: ['serve', '--insecure-open', ...ports, ...args],
    env: { REEVE_POSTGRES_URL: postgresUrl, REEVE_REDIS_URL: redisUrl, ...env },
  });
}

function parse(line: string): { pid: number; coordinatorId: string } {
  const { pid, coordinatorId, mode } = JSON.parse(line) as Record<string, unknown>;
  if (typeof pid !== 'number' || typeof coordinatorId !== 'string' || mode !== 'fleet') {
    throw new Error(`reeve serve's first line is not what it should be: ${line}`);
  }
  return { pid, coordinatorId };
}
