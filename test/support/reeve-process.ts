import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** This checkout's `reeve`, for Node to run. */
export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** How a process ended: `code` is null if a signal ended it. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface ReeveOptions {
  /** What to run, for example `['dev', '--port', '0']`. */
  readonly args: readonly string[];
  /** Further environment. Reeve's and npm's variables around the test are not handed on. */
  readonly env?: Readonly<Record<string, string>>;
  /** What to start instead of this checkout's `dist/main.js`, with its first arguments. */
  readonly command?: readonly [string, ...string[]];
  /** Where to start it. Default: the test's own folder. */
  readonly cwd?: string;
}

/** A process of this checkout's `reeve`. It ends with the test process. */
export interface ReeveProcess {
  /** Resolves when the process has ended, however that came about. */
  readonly exited: Promise<Exit>;
  /** Resolves with the first line of its stdout; rejects if it ends or takes too long before that. */
  firstLine(timeoutMs: number): Promise<string>;
  /** Signals go to this process from here on: a command in front of it, such as npx, does not hand every one on. */
  adopt(pid: number): void;
  /** Sends a signal and waits for nothing. */
  signal(signal: NodeJS.Signals): void;
  /** What it has written so far. */
  stderr(): string;
  stdout(): string;
  /** Resolves as soon as what it has written to stderr matches. */
  says(pattern: RegExp): Promise<void>;
}

/** Starts a real `reeve`. */
export function startReeve({ args, env, command, cwd }: ReeveOptions): ReeveProcess {
  const [program, ...first] = command ?? [process.execPath, MAIN];
  const child = spawn(program, [...first, ...args], {
    cwd,
    env: { ...outerEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let { pid } = child;
  const signal = (name: NodeJS.Signals) => {
    if (pid !== undefined && child.exitCode === null && child.signalCode === null) sendSignal(pid, name);
  };
  const endWithUs = () => signal('SIGKILL');
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
  const name = `reeve ${args[0]}`;
  const lines = createInterface({ input: child.stdout });
  const line = new Promise<string>((resolve) => lines.once('line', resolve));
  return {
    exited,
    firstLine: (timeoutMs) => within(timeoutMs, name, line, exited),
    adopt: (own) => {
      pid = own;
    },
    signal,
    stderr: () => written.stderr,
    stdout: () => written.stdout,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => pattern.test(written.stderr) && resolve();
        child.stderr.on('data', look);
        look();
        void exited.then(() => reject(new Error(`${name} never said ${pattern}, but:\n${written.stderr}`)));
      }),
  };
}

async function within(
  timeoutMs: number,
  name: string,
  line: Promise<string>,
  exited: ReeveProcess['exited'],
): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      line,
      exited.then(({ code, signal }) => {
        throw new Error(`${name} ended before it served (${signal ?? `exit code ${code}`}).`);
      }),
      new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new Error(`${name} did not serve within ${timeoutMs} ms.`)),
          timeoutMs,
        );
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended in between.
  }
}

/** Without what would configure Reeve, or tell npm to work in the folder whose tests these are. */
function outerEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(REEVE|npm)_/.test(name)));
}
