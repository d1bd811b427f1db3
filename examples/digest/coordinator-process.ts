import { once } from 'node:events';
import type { WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Child, spawnChild } from './child.js';

const MOST_RESTARTS = 5;
const STOP_GRACE_MS = 15_000;
// Sample tasks take milliseconds: a short lease lets the work of a killed agent go on soon.
const LEASE_TTL = '10s';

export interface CoordinatorOptions {
  readonly data: string;
  readonly port: number | undefined;
  readonly log: WriteStream;
  /** It died and serves again. */
  readonly onRestart: () => void;
  /** It died and cannot be restarted. */
  readonly onLoss: (error: Error) => void;
}

/** The embedded coordinator as a child process; restarted on the same data if it dies. */
export class CoordinatorProcess {
  readonly address: string;
  readonly #options: CoordinatorOptions;
  #child: Child;
  #restarts = 0;
  #stopping = false;

  private constructor(options: CoordinatorOptions, child: Child, address: string) {
    this.#options = options;
    this.#child = child;
    this.address = address;
    this.#restartWhenItDies();
  }

  static async start(options: CoordinatorOptions): Promise<CoordinatorProcess> {
    const port = options.port === undefined ? [] : ['--port', String(options.port)];
    const { child, address } = await serve(options, port);
    return new CoordinatorProcess(options, child, address);
  }

  get pid(): number | undefined {
    return this.#child.process.pid;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#child.stop(STOP_GRACE_MS);
  }

  #restartWhenItDies(): void {
    this.#child.process.once('exit', () => {
      if (!this.#stopping) this.#restart().catch(this.#options.onLoss);
    });
  }

  async #restart(): Promise<void> {
    if (++this.#restarts > MOST_RESTARTS) {
      throw new Error(
        `the coordinator died ${this.#restarts} times; its last words:\n${this.#child.lastWords()}`,
      );
    }
    const port = this.address.slice(this.address.lastIndexOf(':') + 1);
    const { child, address } = await serve(this.#options, ['--port', port]);
    this.#child = child;
    if (this.#stopping) return child.stop(STOP_GRACE_MS);
    if (address !== this.address) {
      await child.stop(STOP_GRACE_MS);
      throw new Error(`the coordinator died, and meanwhile another program has taken ${this.address}`);
    }
    this.#restartWhenItDies();
    this.#options.onRestart();
  }
}

async function serve(
  options: CoordinatorOptions,
  port: readonly string[],
): Promise<{ child: Child; address: string }> {
  const args = ['dev', '--data', options.data, '--lease-ttl', LEASE_TTL, ...port];
  const child = spawnChild(new URL('../../main.js', import.meta.url), args, options.log, 'read');
  if (!child.process.stdout) throw new Error('the coordinator has no stdout');
  const lines = createInterface({ input: child.process.stdout });
  const gone = new AbortController();
  child.process.once('exit', () => gone.abort());
  try {
    const [line] = (await once(lines, 'line', { signal: gone.signal })) as [string];
    const { address } = JSON.parse(line) as { address: string };
    return { child, address };
  } catch {
    await child.stop(STOP_GRACE_MS);
    throw new Error(`the coordinator did not start: ${causeIn(child.lastWords())}`);
  }
}

/** What went wrong, in the coordinator's own words: it tells programs in lines of JSON. */
function causeIn(words: string): string {
  for (const line of words.split('\n').reverse()) {
    try {
      const { message, hint } = JSON.parse(line) as { message?: string; hint?: string };
      if (message) return hint ? `${message}\n${hint}` : message;
    } catch {
      // Not one of those lines.
    }
  }
  return words || 'it said nothing';
}
