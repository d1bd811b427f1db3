import { appendFileSync } from 'node:fs';
import type { Exit } from '../support/reeve-process.js';
import type { Member } from './target.js';

/** A process that serves. */
export interface Launched {
  readonly address: string;
  readonly httpAddress: string | null;
  readonly pid: number;
  readonly exited: Promise<Exit>;
  kill(signal: NodeJS.Signals): void;
  /** What it has written to stderr. */
  stderr(): string;
}

export interface MemberOptions {
  readonly name: string;
  /** Starts the process, at the address of the one before it. */
  readonly launch: (address: string | undefined, failpoints: string) => Promise<Launched>;
  /** Where what it writes to stderr is kept. */
  readonly logFile: string;
  /** It has ended, and nobody has told it to. */
  readonly onUnasked: (name: string, exit: Exit) => void;
}

const STARTS = 5;

export function createMember({ name, launch, logFile, onUnasked }: MemberOptions): Member {
  let current: Launched | undefined;
  let isUp = false;
  let address: string | undefined;
  let starting: Promise<void> | undefined;

  /** As whatever supervises it would: one that ends before it serves, its stores gone again, is started again. */
  async function insist(failpoints: string): Promise<Launched> {
    for (let tries = 1; ; tries++) {
      try {
        return await launch(address, failpoints);
      } catch (error) {
        const isAway = error instanceof Error && error.message.includes('"retryable":true');
        if (!isAway || tries === STARTS) throw error;
        appendFileSync(logFile, `${error.message}\n`);
      }
    }
  }

  async function start(failpoints: string): Promise<void> {
    const started = await insist(failpoints);
    current = started;
    isUp = true;
    address = started.address;
    void started.exited.then((exit) => {
      appendFileSync(logFile, started.stderr());
      if (current !== started || !isUp) return;
      isUp = false;
      if (failpoints === '') onUnasked(name, exit);
    });
  }

  async function end(signal: NodeJS.Signals): Promise<Exit | undefined> {
    const process = current;
    if (!process || !isUp) return undefined;
    isUp = false;
    process.kill(signal);
    // A stopped process takes SIGTERM only when it goes on.
    process.kill('SIGCONT');
    return process.exited;
  }

  return {
    name,
    address() {
      if (address === undefined) throw new Error(`${name} was not started`);
      return address;
    },
    httpAddress() {
      if (!current?.httpAddress) throw new Error(`${name} does not serve HTTP`);
      return current.httpAddress;
    },
    start(failpoints = '') {
      if (!isUp) starting ??= start(failpoints).finally(() => (starting = undefined));
      return starting ?? Promise.resolve();
    },
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    freeze: () => current?.kill('SIGSTOP'),
    thaw: () => current?.kill('SIGCONT'),
    pid: () => (isUp ? current?.pid : undefined),
    exited() {
      if (!current) throw new Error(`${name} was not started`);
      return current.exited;
    },
    stderr: () => current?.stderr() ?? '',
  };
}
