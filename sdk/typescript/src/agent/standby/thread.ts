import { Worker } from 'node:worker_threads';
import type { WatchOptions } from './watch.js';

/** `watch` is missing: the agent of that number needs it no more. */
export interface ThreadMessage {
  readonly id: number;
  readonly watch?: WatchOptions;
}

/** An agent's part in the standby thread. */
export interface Membership {
  leave(): void;
}

let shared: StandbyThread | undefined;
let members = 0;

/**
 * Has an agent watched by the standby thread, which all agents of a thread share: it starts
 * with the first and ends with the last. `failed` is called if it ends by itself.
 *
 * @throws Error if there can be no such thread
 */
export function joinStandby(watch: WatchOptions, failed: (error: unknown) => void): Membership {
  shared ??= new StandbyThread();
  const thread = shared;
  const id = ++members;
  thread.add(id, watch, failed);
  return { leave: () => thread.remove(id) };
}

class StandbyThread {
  readonly #worker: Worker;
  readonly #members = new Map<number, (error: unknown) => void>();

  constructor() {
    // Flags of the program, such as `--inspect` or `--import`, are not for this thread.
    this.#worker = new Worker(new URL('./thread-main.js', import.meta.url), {
      name: 'reeve-standby',
      execArgv: [],
    });
    this.#worker.unref();
    this.#worker.on('error', (error) => this.#failed(error));
    this.#worker.on('exit', (code) => this.#failed(new Error(`the thread ended with code ${code}`)));
  }

  add(id: number, watch: WatchOptions, failed: (error: unknown) => void): void {
    this.#members.set(id, failed);
    this.#worker.postMessage({ id, watch } satisfies ThreadMessage);
  }

  remove(id: number): void {
    if (!this.#members.delete(id)) return;
    if (this.#members.size > 0) {
      this.#worker.postMessage({ id } satisfies ThreadMessage);
      return;
    }
    this.#forget();
    void this.#worker.terminate();
  }

  #failed(error: unknown): void {
    this.#forget();
    const told = [...this.#members.values()];
    this.#members.clear();
    for (const failed of told) failed(error);
  }

  #forget(): void {
    if (shared === this) shared = undefined;
  }
}
