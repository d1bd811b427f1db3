/** The values of the keys that were asked for last: so many, with keys so long in all. */
export class Recent<V> {
  readonly #limit: number;
  readonly #maxLength: number;
  readonly #values = new Map<string, V>();
  #length = 0;

  /** @param maxLength characters of all keys; what is kept of a key is as large as the key is long */
  constructor(limit: number, maxLength: number) {
    this.#limit = limit;
    this.#maxLength = maxLength;
  }

  get(key: string): V | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    // Only a key that could be the next to go has to be moved; a map has no cheaper way to tell.
    if (this.#values.size >= this.#limit || this.#length * 2 >= this.#maxLength) {
      this.#values.delete(key);
      this.#values.set(key, value);
    }
    return value;
  }

  set(key: string, value: V): V {
    if (!this.#values.has(key)) this.#length += key.length;
    this.#values.set(key, value);
    // The last one stays, however long it is: it is needed now.
    while (this.#values.size > 1 && (this.#values.size > this.#limit || this.#length > this.#maxLength)) {
      const [oldest = ''] = this.#values.keys();
      this.#values.delete(oldest);
      this.#length -= oldest.length;
    }
    return value;
  }
}
