import type { WriteStream } from 'node:fs';
import { CONNECTED } from './agents/sample-agent.js';
import { type Child, spawnChild } from './child.js';
import { Restarts } from './restarts.js';

const STOP_GRACE_MS = 8000;

export type AgentKind = 'reader' | 'analyst' | 'editor';

export interface AgentOptions {
  readonly address: string;
  readonly root: string;
  /** The run's folder. */
  readonly run: string;
  readonly counts: Readonly<Record<AgentKind, number>>;
  readonly log: WriteStream;
  /** It died, by `cause` (`SIGKILL`, `exit code 1`), and is started again. */
  readonly onRestart: (id: string, cause: string, pid: number | undefined) => void;
  /** It dies again and again before it is connected. */
  readonly onLoss: (error: Error) => void;
}

/** The sample agents, a process each; one that dies is started again. */
export class AgentProcesses {
  readonly #options: AgentOptions;
  readonly #children = new Map<string, Child>();
  readonly #waiting = new Set<NodeJS.Timeout>();
  #stopping = false;

  constructor(options: AgentOptions) {
    this.#options = options;
    for (const [kind, count] of Object.entries(options.counts)) {
      for (let n = 1; n <= count; n++) this.#start(kind as AgentKind, `${kind}-${n}`, new Restarts());
    }
  }

  /** The process ids, by agent. */
  get pids(): ReadonlyMap<string, number | undefined> {
    return new Map([...this.#children].map(([id, child]) => [id, child.process.pid]));
  }

  /** Lets the agents finish what they have begun. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#waiting) clearTimeout(timer);
    await Promise.all([...this.#children.values()].map((child) => child.stop(STOP_GRACE_MS)));
  }

  #start(kind: AgentKind, id: string, restarts: Restarts): Child {
    const { address, root, run, log } = this.#options;
    const args = ['--address', address, '--id', id, '--root', root, '--run', run];
    const child = spawnChild(new URL(`./agents/${kind}.js`, import.meta.url), args, log);
    this.#children.set(id, child);
    const begun = performance.now();
    let worked = false;
    child.process.on('message', (message) => {
      worked ||= message === CONNECTED;
    });
    // Not `exit`: its last words come before this.
    child.process.once('close', (code, signal) => {
      if (this.#stopping) return;
      const cause = signal ?? `exit code ${code}`;
      const waitMs = restarts.waitAfter({ livedMs: performance.now() - begun, worked, signal });
      if (waitMs !== null) return this.#startLater(waitMs, kind, id, restarts, cause);
      const words = child.lastWords() || 'it said nothing';
      this.#options.onLoss(
        new Error(`${id} dies again and again before it is connected (${cause}); its last words:\n${words}`),
      );
    });
    return child;
  }

  #startLater(waitMs: number, kind: AgentKind, id: string, restarts: Restarts, cause: string): void {
    const timer = setTimeout(() => {
      this.#waiting.delete(timer);
      const child = this.#start(kind, id, restarts);
      this.#options.onRestart(id, cause, child.process.pid);
    }, waitMs);
    this.#waiting.add(timer);
  }
}
