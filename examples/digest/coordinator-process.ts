import { once } from 'node:events';
import type { WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, spawnChild } from './child.js';
import { Restarts } from './restarts.js';

const STOP_GRACE_MS = 15_000;
// Sample tasks take milliseconds: a short lease lets the work of a killed agent go on soon.
const LEASE_TTL = '10s';

export interface CoordinatorOptions {
  readonly data: string;
  readonly port: number | undefined;
  readonly log: WriteStream;
  /** It died and serves again. */
  readonly onRestart: (pid: number | undefined) => void;
  /** It died and cannot be restarted. */
  readonly onLoss: (error: Error) => void;
}

/** The embedded coordinator as a child process; restarted on the same data if it dies. */
export class CoordinatorProcess {
  readonly address: string;
  readonly #options: CoordinatorOptions;
  #child: Child;
  readonly #restarts = new Restarts();
  readonly #stopping = new AbortController();

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
    this.#stopping.abort();
    await this.#child.stop(STOP_GRACE_MS);
  }

  #restartWhenItDies(): void {
    const begun = performance.now();
    // Not `exit`: its last words come before this.
    this.#child.process.once('close', (_code, signal) => {
      const { aborted } = this.#stopping.signal;
      if (!aborted) this.#restart(performance.now() - begun, signal).catch(this.#options.onLoss);
    });
  }

  async #restart(livedMs: number, died: NodeJS.Signals | null): Promise<void> {
    // That it serves is not enough: what it does next may be what it dies of.
    const waitMs = this.#restarts.waitAfter({ livedMs, worked: false, signal: died });
    if (waitMs === null) {
      throw new Error(`the coordinator dies again and again; its last words:\n${this.#child.lastWords()}`);
    }
    const { signal } = this.#stopping;
    await sleep(waitMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    const port = this.address.slice(this.address.lastIndexOf(':') + 1);
    const { child, address } = await serve(this.#options, ['--port', port]);
    this.#child = child;
    if (signal.aborted) return child.stop(STOP_GRACE_MS);
    if (address !== this.address) {
      await child.stop(STOP_GRACE_MS);
      throw new Error(`the coordinator died, and meanwhile another program has taken ${this.address}`);
    }
    this.#restartWhenItDies();
    this.#options.onRestart(child.process.pid);
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
