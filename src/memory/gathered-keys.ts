import type { AgentKey } from '../ports/relay.js';

/** Gathers agents while one batch of them is read, and has them read in the next. */
export class GatheredKeys {
  readonly #read: (keys: readonly AgentKey[]) => Promise<void>;
  readonly #atOnce: number;
  readonly #waiting = new Map<string, AgentKey>();
  #reading: Promise<void> | null = null;

  constructor(atOnce: number, read: (keys: readonly AgentKey[]) => Promise<void>) {
    this.#atOnce = atOnce;
    this.#read = read;
  }

  /** Resolves once these have been read; rejects as the read does, and then they are dropped. */
  add(keys: readonly AgentKey[]): Promise<void> {
    for (const key of keys) this.#waiting.set(key.join('\0'), key);
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    // What is named in this turn goes along.
    await undefined;
    while (this.#waiting.size > 0) {
      const some = [...this.#waiting].slice(0, this.#atOnce);
      for (const [name] of some) this.#waiting.delete(name);
      await this.#read(some.map(([, key]) => key));
    }
  }
}
