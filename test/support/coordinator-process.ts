import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './temporary-folder.js';

/** This checkout's `reeve`, for Node to run. */
export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** How a process ended: `code` is null if a signal ended it. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

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
 * a coordinator's port while it is away, and the next coordinator would serve elsewhere.
 */
const PORTS = [20_000, 30_000] as const;

/**
 * Starts a real `reeve dev` and waits for the line in which it says that it serves.
 *
 * @throws Error with the process's stderr, if it ends or takes too long before that, or serves
 *   elsewhere than it has to.
 */
export async function startCoordinator(options: CoordinatorOptions = {}): Promise<CoordinatorProcess> {
  const dataDir = options.dataDir ?? temporaryFolder('data');
  const [command, ...first] = options.command ?? [process.execPath, MAIN];
  const port = options.address?.split(':').at(-1) ?? String(randomInt(...PORTS));
  const args = ['dev', '--port', port, '--http-port', '0', '--data', dataDir, ...(options.args ?? [])];
  const child = spawn(command, [...first, ...args], {
    cwd: options.cwd,
    env: { ...outerEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // A command in front of the coordinator, such as npx, does not hand every signal on.
  let pid = child.pid;
  const kill = (signal: NodeJS.Signals) => {
    if (pid !== undefined && child.exitCode === null && child.signalCode === null) sendSignal(pid, signal);
  };
  const endWithUs = () => kill('SIGKILL');
  process.once('exit', endWithUs);

  const written = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    written.stderr += text;
  });
  const exited = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => {
      process.off('exit', endWithUs);
      resolve({ code, signal });
    });
    child.once('error', (error) => {
      written.stderr += String(error);
    });
  });

  const served = await firstLine(child, exited, options.timeoutMs ?? 60_000)
    .then(parseServed)
    .then((served) => {
      if (!options.address || options.address === served.address) return served;
      throw new Error(`reeve dev serves at ${served.address}: ${options.address} was taken.`);
    })
    .catch(async (error: Error) => {
      child.kill('SIGKILL');
      await exited;
      throw new Error(`${error.message}\nIts stderr:\n${written.stderr}`);
    });
  pid = served.pid;

  return {
    ...served,
    exited,
    stop: () => {
      kill('SIGTERM');
      return exited;
    },
    kill: (signal = 'SIGKILL') => kill(signal),
    stderr: () => written.stderr,
    stdout: () => written.stdout,
  };
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended in between.
  }
}

async function firstLine(child: ChildProcess, exited: Promise<Exit>, timeoutMs: number): Promise<string> {
  const { stdout } = child;
  if (!stdout) throw new Error('reeve dev has no stdout');
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      new Promise<string>((resolve) => createInterface({ input: stdout }).once('line', resolve)),
      exited.then(({ code, signal }) => {
        throw new Error(`reeve dev ended before it served (${signal ?? `exit code ${code}`}).`);
      }),
      new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new Error(`reeve dev did not serve within ${timeoutMs} ms.`)),
          timeoutMs,
        );
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}

function parseServed(line: string): Pick<CoordinatorProcess, 'address' | 'httpAddress' | 'pid' | 'dataDir'> {
  const { address, httpAddress, pid, dataDir } = JSON.parse(line) as Record<string, unknown>;
  if (typeof address !== 'string' || typeof pid !== 'number' || typeof dataDir !== 'string') {
    throw new Error(`reeve dev's first line is not what it should be: ${line}`);
  }
  return { address, httpAddress: typeof httpAddress === 'string' ? httpAddress : null, pid, dataDir };
}

/** Without what would configure Reeve, or tell npm to work in the folder whose tests these are. */
function outerEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(REEVE|npm)_/.test(name)));
}
