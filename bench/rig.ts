import type { Program } from './program.js';
import type { ReadBack } from './read-back.js';
import type { Store } from './stores.js';

/** A system that can be measured. */
export interface System {
  readonly name: string;
  /** Starts everything of it on empty stores. @param workers agents, or workers; 0: `addWorkers` starts them */
  open(workers: number): Promise<Rig>;
}

/** A system with all its parts running, each a process of its own. */
export interface Rig {
  readonly version: string;
  /** Where a coordinator serves; '' of what has none. */
  readonly address: string;
  /** What survives what. */
  readonly durability: string;
  /** What it was told, beyond its defaults. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** More than that it does not even try, by a setting; `null`: no such setting. */
  readonly mostPerSecond: number | null;
  readonly client: Program;
  readonly workers: readonly Program[];
  readonly stores: readonly Store[];
  /** The processes by what they do: `coordinator`, `client`, `workers`, `postgres`, `redis`. */
  readonly parts: Readonly<Record<string, readonly number[]>>;
  addWorkers(count: number): Promise<void>;
  /** A worker of another kind, which is ended with the others. */
  adopt(worker: Program): void;
  /** Whether a task is not at its end yet. */
  isBusy(): Promise<boolean>;
  /** Ends client and workers, and counts in a process of its own what is in the record. */
  readBack(): Promise<ReadBack>;
  stop(): Promise<void>;
}
