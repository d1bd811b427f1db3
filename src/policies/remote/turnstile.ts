import type { Clock } from '../../ports/clock.js';

/** Lets so many through at once; others wait in line. */
export class Turnstile {
  readonly #clock: Clock;
  readonly #atOnce: number;
  readonly #line = new Set<() => void>();
  #inside = 0;

  constructor(clock: Clock, atOnce: number) {
    this.#clock = clock;
    this.#atOnce = atOnce;
  }

  /** Whether nobody is inside or in line. */
  get isIdle(): boolean {
    return this.#inside === 0 && this.#line.size === 0;
  }

  /** Whether it was let in within the time; then {@link leave} has to follow. */
  async enter(withinMs: number): Promise<boolean> {
    if (this.#inside < this.#atOnce) {
      this.#inside++;
      return true;
    }
    return new Promise((resolve) => {
      const letIn = () => {
        stopWaiting();
        resolve(true);
      };
      const stopWaiting = this.#clock.after(withinMs, () => {
        this.#line.delete(letIn);
        resolve(false);
      });
      this.#line.add(letIn);
    });
  }

  /** The next in line takes the place. */
  leave(): void {
    const [next] = this.#line;
    if (!next) {
      this.#inside--;
      return;
    }
    this.#line.delete(next);
    next();
  }
}
