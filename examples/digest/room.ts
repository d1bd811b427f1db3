/** Bounds what is outstanding, so that memory stays flat however many files there are. */
export class Room {
  #free: number;
  readonly #waiting: { size: number; enter: () => void }[] = [];

  constructor(size: number) {
    this.#free = size;
  }

  /** Waits, in order, until there is room. */
  async take(size: number): Promise<void> {
    if (this.#waiting.length === 0 && this.#free >= size) {
      this.#free -= size;
      return;
    }
    await new Promise<void>((enter) => this.#waiting.push({ size, enter }));
  }

  give(size: number): void {
    this.#free += size;
    for (let first = this.#waiting[0]; first && first.size <= this.#free; first = this.#waiting[0]) {
      this.#free -= first.size;
      this.#waiting.shift();
      first.enter();
    }
  }
}
