import type { WriteStream } from 'node:fs';
import { type Child, spawnChild } from './child.js';

const MOST_RESTARTS = 5;
const STOP_GRACE_MS = 8000;

export type AgentKind = 'reader' | 'analyst' | 'editor';

export interface AgentOptions {
  readonly address: string;
  readonly root: string;
  /** The run's folder. */
  readonly run: string;
  readonly counts: Readonly<Record<AgentKind, number>>;
  readonly log: WriteStream;
  readonly onRestart: (id: string) => void;
}

/** The sample agents, a process each; one that dies is started again. */
export class AgentProcesses {
  readonly #options: AgentOptions;
  readonly #children = new Map<string, Child>();
  #stopping = false;

  constructor(options: AgentOptions) {
    this.#options = options;
    for (const [kind, count] of Object.entries(options.counts)) {
      for (let n = 1; n <= count; n++) this.#start(kind as AgentKind, `${kind}-${n}`, 0);
    }
  }

  /** The process ids, by agent. */
  get pids(): ReadonlyMap<string, number | undefined> {
    return new Map([...this.#children].map(([id, child]) => [id, child.process.pid]));
  }

  /** Lets the agents finish what they have begun. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#children.values()].map((child) => child.stop(STOP_GRACE_MS)));
  }

  #start(kind: AgentKind, id: string, restarts: number): void {
    const { address, root, run, log, onRestart } = this.#options;
    const args = ['--address', address, '--id', id, '--root', root, '--run', run];
    const child = spawnChild(new URL(`./agents/${kind}.js`, import.meta.url), args, log);
    this.#children.set(id, child);
    child.process.once('exit', () => {
      if (this.#stopping || restarts >= MOST_RESTARTS) return;
      onRestart(id);
      this.#start(kind, id, restarts + 1);
    });
  }
}
