import { appendFileSync } from 'node:fs';
import type { CoordinatorProcess, Exit } from '../support/coordinator-process.js';
import type { Member } from './target.js';

export interface MemberOptions {
  readonly name: string;
  /** Starts the process, at the address of the one before it. */
  readonly launch: (address: string | undefined, failpoints: string) => Promise<CoordinatorProcess>;
  /** Where what it writes to stderr is kept. */
  readonly logFile: string;
  /** It has ended, and nobody has told it to. */
  readonly onUnasked: (name: string, exit: Exit) => void;
}

export function createMember({ name, launch, logFile, onUnasked }: MemberOptions): Member {
  let current: CoordinatorProcess | undefined;
  let isUp = false;
  let address: string | undefined;

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
    async start(failpoints = '') {
      const started = await launch(address, failpoints);
      current = started;
      isUp = true;
      address = started.address;
      void started.exited.then((exit) => {
        appendFileSync(logFile, started.stderr());
        if (current !== started || !isUp) return;
        isUp = false;
        if (failpoints === '') onUnasked(name, exit);
      });
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
  };
}
