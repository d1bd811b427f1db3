import type { Place } from '../domain/agents/location.js';
import type { LaneTasks } from '../matching/lanes.js';

/** The first tasks of a lane, as they are known. */
export interface KnownTask {
  readonly taskId: string;
  readonly score: number;
  /** Where it would best be done. */
  readonly prefer: Place | null;
}

/** A lane's tasks as a coordinator sees them: how many there are, and which are the first. */
export class KnownTasks implements LaneTasks {
  /** Of the lane. */
  readonly name: string;
  size = 0;
  #first: readonly KnownTask[] = [];
  #at = 0;

  constructor(name: string) {
    this.name = name;
  }

  set(size: number, first: readonly KnownTask[]): void {
    this.size = size;
    this.setFirst(first);
  }

  setFirst(first: readonly KnownTask[]): void {
    this.#first = first;
    this.#at = 0;
  }

  /** How many of the first are known. */
  get known(): number {
    return this.#first.length - this.#at;
  }

  peek(): KnownTask | undefined {
    return this.#first[this.#at];
  }

  shift(): void {
    this.#at += 1;
    this.size -= 1;
  }

  unshift(): void {
    this.#at -= 1;
    this.size += 1;
  }
}
