import { randomInt } from 'node:crypto';
import { type Exit, startReeve } from './reeve-process.js';
import { temporaryFolder } from './temporary-folder.js';

export interface CoordinatorOptions {
  /** Further arguments of `reeve dev`. */
  args?: readonly string[];
  /** Further environment. Reeve's and npm's variables around the test are not handed on. */
  env?: Readonly<Record<string, string>>;
  /** The data folder. Default: an empty one that is removed when the test process ends. */
  dataDir?: string;
  /** Where the one before it served and it has to serve too. Default: any free port. */
  address?: string;
  /** What to start instead of this checkout's `dist/main.js`, with its first arguments. */
  command?: readonly [string, ...string[]];
  /** Where to start it. Default: the test's own folder. */
  cwd?: string;
  /** How long it may take until it serves. Default 60,000. */
  timeoutMs?: number;
}

/** A running `reeve dev`. */
export interface CoordinatorProcess {
  /** Where it serves gRPC, as `host:port`. */
  readonly address: string;
  /** Where it serves HTTP, as `host:port`; `null` if it doesn't. */
  readonly httpAddress: string | null;
  readonly pid: number;
  readonly dataDir: string;
  /** Resolves when the process has ended, however that came about. */
  readonly exited: Promise<Exit>;
  /** Sends SIGTERM and waits for the end. Safe to call twice, and after the end. */
  stop(): Promise<Exit>;
  /** Sends a signal, SIGKILL by default, and waits for nothing. */
  kill(signal?: NodeJS.Signals): void;
  /** What it has written to stderr so far. */
  stderr(): string;
  /** What it has written to stdout so far. */
  stdout(): string;
}

/**
 * Below the ports that the kernel gives to whoever asks for any: there another process may get
 * a coordinator's port while it is away, and the next coordinator would serve elsewhere. Lower ones
 * are for Redis servers, which come back as well.
 */
const PORTS = [22_000, 30_000] as const;

/**
 * Starts a real `reeve dev` and waits for the line in which it says that it serves.
 *
 * @throws Error with the process's stderr, if it ends or takes too long before that, or serves
 *   elsewhere than it has to.
 */
export async function startCoordinator(options: CoordinatorOptions = {}): Promise<CoordinatorProcess> {
  const dataDir = options.dataDir ?? temporaryFolder('data');
  const port = options.address?.split(':').at(-1) ?? String(randomInt(...PORTS));
  const args = ['dev', '--port', port, '--http-port', '0', '--data', dataDir, ...(options.args ?? [])];
  const child = startReeve({
    args,
    ...(options.env && { env: options.env }),
    ...(options.command && { command: options.command }),
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  const served = await child
    .firstLine(options.timeoutMs ?? 60_000)
    .then(parseServed)
    .then((served) => {
      if (!options.address || options.address === served.address) return served;
      throw new Error(`reeve dev serves at ${served.address}: ${options.address} was taken.`);
    })
    .catch(async (error: Error) => {
      child.signal('SIGKILL');
      await child.exited;
      throw new Error(`${error.message}\nIts stderr:\n${child.stderr()}`);
    });
  child.adopt(served.pid);

  return {
    ...served,
    exited: child.exited,
    stop: () => {
      child.signal('SIGTERM');
      return child.exited;
    },
    kill: (signal = 'SIGKILL') => child.signal(signal),
    stderr: child.stderr,
    stdout: child.stdout,
  };
}

function parseServed(line: string): Pick<CoordinatorProcess, 'address' | 'httpAddress' | 'pid' | 'dataDir'> {
  const { address, httpAddress, pid, dataDir } = JSON.parse(line) as Record<string, unknown>;
  if (typeof address !== 'string' || typeof pid !== 'number' || typeof dataDir !== 'string') {
    throw new Error(`reeve dev's first line is not what it should be: ${line}`);
  }
  return { address, httpAddress: typeof httpAddress === 'string' ? httpAddress : null, pid, dataDir };
}
