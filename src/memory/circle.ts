/** Goes round a collection that changes meanwhile. */
export class Circle<T> {
  readonly #begin: () => Iterator<T>;
  #at: Iterator<T> | null = null;

  /** @param begin of the collection; what comes meanwhile has to be at its end, as with a Map */
  constructor(begin: () => Iterator<T>) {
    this.#begin = begin;
  }

  /** The next ones, at most `max`, and none past the end of a round. */
  next(max: number): readonly T[] {
    const out: T[] = [];
    let at = this.#at ?? this.#begin();
    while (out.length < max) {
      const { value, done } = at.next();
      if (!done) out.push(value);
      else if (out.length > 0 || this.#at === null) {
        this.#at = null;
        return out;
      } else {
        this.#at = null;
        at = this.#begin();
      }
    }
    this.#at = at;
    return out;
  }
}
