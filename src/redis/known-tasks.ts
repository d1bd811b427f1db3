import type { TaskFacts } from '../domain/selection/strategy.js';
import type { LaneTasks } from '../matching/lanes.js';
import { factsIn } from './task-facts.js';

/** The first tasks of a lane, as they are known. */
export interface KnownTask extends TaskFacts {
  readonly taskId: string;
  readonly score: number;
}

/** A lane's tasks as a coordinator sees them: how many there are, and which are the first. */
export class KnownTasks implements LaneTasks {
  /** Of the lane. */
  readonly name: string;
  size = 0;
  #first: readonly KnownTask[] = [];
  #at = 0;
  /** No more than those may go now. */
  #isAll = false;

  constructor(name: string) {
    this.name = name;
  }

  set(size: number, first: readonly KnownTask[]): void {
    this.size = size;
    this.setFirst(first, 1);
  }

  /** @param asked how many were asked for: if there are fewer, no more may go now */
  setFirst(first: readonly KnownTask[], asked: number): void {
    this.#first = first;
    this.#at = 0;
    this.#isAll = first.length < asked;
  }

  /** What waits for limits is not known of: it comes with the news when it may go. */
  get nothingMayGo(): boolean {
    return this.#isAll && this.known === 0;
  }

  /** How many of the first are known. */
  get known(): number {
    return this.#first.length - this.#at;
  }

  /** The first, as far as they are known. */
  first(): readonly KnownTask[] {
    return this.#first.slice(this.#at);
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

/** First tasks as a script tells of them. */
export function knownTasks(text: string, facts: readonly (string | false)[]): readonly KnownTask[] {
  return pairsIn(text, (taskId, score, i) => knownTask(taskId, score, facts[i] ?? false));
}

/** Of words with blanks between them, two and two. */
export function pairsIn<T>(
  text: string,
  toItem: (first: string, second: string, i: number) => T,
): readonly T[] {
  const items: T[] = [];
  const words = text === '' ? [] : text.split(' ');
  for (let at = 0; at < words.length; at += 2) {
    items.push(toItem(words[at] as string, words[at + 1] as string, at / 2));
  }
  return items;
}

export function knownTask(taskId: string, score: string, facts: string | false): KnownTask {
  return { taskId, score: Number(score), ...factsIn(facts) };
}
