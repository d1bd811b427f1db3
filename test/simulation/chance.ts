import type { IdSource } from '../../src/ports/id-source.js';
import { seededRandom } from '../support/seeded-random.js';

/** All chance of a schedule, from one seed. */
export class Chance implements IdSource {
  readonly random: () => number;
  #ids = 0;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  happens(probability: number): boolean {
    return this.random() < probability;
  }

  /** A whole number from `min` to `max`, both inclusive. */
  between(min: number, max: number): number {
    return min + Math.floor(this.random() * (max - min + 1));
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.random() * list.length)];
  }

  /** One of the names, as likely as its weight says. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const entries = Object.entries(weights) as [Name, number][];
    let rest = this.random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of entries) {
      rest -= weight;
      if (rest < 0) return name;
    }
    return (entries.at(-1) as [Name, number])[0];
  }

  /** In the form of a UUIDv7; they rise. */
  taskId(): string {
    const n = (++this.#ids).toString(16).padStart(12, '0');
    return `${n.slice(0, 8)}-${n.slice(8)}-7000-8000-${this.#hex(12)}`;
  }

  uuid(): string {
    return `${this.#hex(8)}-${this.#hex(4)}-4${this.#hex(3)}-8${this.#hex(3)}-${this.#hex(12)}`;
  }

  #hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += Math.floor(this.random() * 16).toString(16);
    return text;
  }
}
