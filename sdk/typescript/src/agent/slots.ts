/** Results that may wait for their acknowledgement, per slot, before no more work is asked for. */
const UNACKED_PER_SLOT = 2;

/**
 * Free slots and the credit the server has of them. Credit is cumulative over a session: a
 * grant says how many assignments were asked for in all, so that a repeat does no harm.
 */
export class Slots {
  readonly size: number;
  /** Handlers that have not ended. */
  #busy = 0;
  #assigned = 0;
  #granted = 0;

  constructor(size: number) {
    this.size = size;
  }

  get busy(): number {
    return this.#busy;
  }

  /** A session begins; the credit of the one before is void. */
  beginSession(): void {
    this.#assigned = 0;
    this.#granted = 0;
  }

  /** An assignment came on the session's stream and has used up credit. */
  countAssignment(): void {
    this.#assigned++;
  }

  take(): void {
    this.#busy++;
  }

  free(): void {
    this.#busy--;
  }

  /** The new total to grant, if there is more to ask for than before. */
  grant(unackedResults: number): bigint | undefined {
    const backlog = Math.max(0, unackedResults - UNACKED_PER_SLOT * this.size);
    const total = this.#assigned + this.size - this.#busy - backlog;
    if (total <= this.#granted) return undefined;
    this.#granted = total;
    return BigInt(total);
  }
}
