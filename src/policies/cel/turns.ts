/** Whose turn is waited for. */
interface Waiting {
  readonly owner: string;
  readonly begin: () => void;
}

/** Lets so many go at once, and of one owner fewer; the others wait in the order in which they came. */
export class Turns {
  readonly #limit: number;
  readonly #limitOfOne: number;
  readonly #taken = new Map<string, number>();
  #waiting: Waiting[] = [];
  #all = 0;

  constructor(limit: number, limitOfOne: number) {
    this.#limit = limit;
    this.#limitOfOne = limitOfOne;
  }

  async take<T>(owner: string, go: () => Promise<T>): Promise<T> {
    if (this.#mayGo(owner)) this.#begin(owner);
    else await new Promise<void>((begin) => this.#waiting.push({ owner, begin }));
    try {
      return await go();
    } finally {
      this.#end(owner);
    }
  }

  #mayGo(owner: string): boolean {
    return this.#all < this.#limit && (this.#taken.get(owner) ?? 0) < this.#limitOfOne;
  }

  #begin(owner: string): void {
    this.#all++;
    this.#taken.set(owner, (this.#taken.get(owner) ?? 0) + 1);
  }

  #end(owner: string): void {
    this.#all--;
    const left = (this.#taken.get(owner) ?? 0) - 1;
    if (left > 0) this.#taken.set(owner, left);
    else this.#taken.delete(owner);
    const next = this.#waiting.find((each) => this.#mayGo(each.owner));
    if (!next) return;
    this.#waiting = this.#waiting.filter((each) => each !== next);
    this.#begin(next.owner);
    next.begin();
  }
}
