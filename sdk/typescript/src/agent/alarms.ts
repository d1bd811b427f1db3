/** The agent's clock: monotonic, in ms. */
export const now = (): number => performance.now();

/** A point in time at which something is to be done. */
export interface Alarm {
  /** Sets it, on the clock of {@link now}; an earlier setting is forgotten. */
  set(at: number): void;
  /** Sets it unless it is already set for an earlier time. */
  setAtLatest(at: number): void;
  clear(): void;
}

/** All alarms of an agent on one timer: an idle agent costs one timer, and tasks cost none. */
export class Alarms {
  readonly #due = new Map<() => void, number>();
  #timer: NodeJS.Timeout | undefined;
  #timerDue = Number.POSITIVE_INFINITY;

  create(ring: () => void): Alarm {
    return {
      set: (at) => this.#set(ring, at),
      setAtLatest: (at) => {
        if (at < (this.#due.get(ring) ?? Number.POSITIVE_INFINITY)) this.#set(ring, at);
      },
      clear: () => {
        this.#due.delete(ring);
        if (this.#due.size === 0) this.#disarm();
      },
    };
  }

  #set(ring: () => void, at: number): void {
    if (at === Number.POSITIVE_INFINITY) return;
    this.#due.set(ring, at);
    if (at < this.#timerDue) this.#arm(at);
  }

  #arm(at: number): void {
    clearTimeout(this.#timer);
    this.#timerDue = at;
    this.#timer = setTimeout(() => this.#fire(), Math.max(0, Math.ceil(at - now())));
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerDue = Number.POSITIVE_INFINITY;
  }

  #fire(): void {
    this.#disarm();
    const time = now();
    for (const [ring, at] of [...this.#due]) {
      if (at > time || this.#due.get(ring) !== at) continue;
      this.#due.delete(ring);
      ring();
    }
    const next = Math.min(...this.#due.values());
    if (next < this.#timerDue) this.#arm(next);
  }
}
