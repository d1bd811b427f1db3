/** Things by the order in which they first came, from 1. */
export class Numbered<T> {
  readonly all: T[] = [];
  readonly #places = new Map<string, number>();

  of(key: string, make: () => T): number {
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    this.#places.set(key, this.all.push(make()));
    return this.all.length;
  }
}
