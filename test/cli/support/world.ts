import { PassThrough, Readable } from 'node:stream';
import { runCli } from '../../../src/cli/run-cli.js';
import type { World } from '../../../src/cli/world.js';

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** What the person types, if standard input is a terminal too. */
  readonly typed?: string | Readable;
  /** Whether standard output and error are a terminal. Default: a pipe. */
  readonly tty?: boolean;
  readonly dev?: World['dev'];
  readonly doctor?: World['doctor'];
  readonly now?: () => number;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly done: Promise<Ran>;
  /** Presses Ctrl-C. */
  readonly interrupt: () => void;
  /** Resolves as soon as what was written to standard output matches. */
  readonly prints: (pattern: RegExp) => Promise<void>;
  /** The same for standard error. */
  readonly tells: (pattern: RegExp) => Promise<void>;
  /** Whether the command listens for Ctrl-C. */
  readonly listens: () => boolean;
}

class Capture extends PassThrough {
  readonly isTTY: boolean;
  readonly columns = 200;
  text = '';

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
    this.setEncoding('utf8');
    this.on('data', (chunk: string) => {
      this.text += chunk;
    });
  }

  shows(pattern: RegExp): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (pattern.test(this.text)) resolve();
      };
      this.on('data', look);
      look();
    });
  }
}

/** Starts a command line in this process, in a world of its own. */
export function start(argv: readonly string[], options: RunOptions = {}): Running {
  const stdout = new Capture(options.tty ?? false);
  const stderr = new Capture(options.tty ?? false);
  const listeners = new Set<() => void>();
  const world: World = {
    env: options.env ?? {},
    stdin: stdinOf(options),
    stdout,
    stderr,
    dev: options.dev ?? (() => Promise.reject(new Error('dev is not expected here'))),
    serve: () => Promise.reject(new Error('serve is not expected here')),
    doctor: options.doctor ?? (() => Promise.reject(new Error('doctor is not expected here'))),
    migrate: () => Promise.reject(new Error('migrate is not expected here')),
    platform: 'linux',
    // Nobody's profiles.
    homeDir: () => '/nowhere/at/all',
    version: '1.2.3',
    onInterrupt: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    now: options.now ?? Date.now,
  };
  const done = runCli(argv, world).then((code) => ({ code, stdout: stdout.text, stderr: stderr.text }));
  return {
    done,
    interrupt: () => {
      for (const listener of listeners) listener();
    },
    prints: (pattern) => stdout.shows(pattern),
    tells: (pattern) => stderr.shows(pattern),
    listens: () => listeners.size > 0,
  };
}

function stdinOf({ stdin, typed }: RunOptions): World['stdin'] {
  const given = typed ?? stdin;
  const stream = given instanceof Readable ? given : Readable.from(given === undefined ? [] : [given]);
  return Object.assign(stream, { isTTY: typed !== undefined });
}

/** Runs a command line to its end. */
export function run(argv: readonly string[], options?: RunOptions): Promise<Ran> {
  return start(argv, options).done;
}
