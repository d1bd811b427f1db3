/**
 * Tasks whose newest change is still to be told of, each with the position of the first such
 * change, in the order of these. A slow reader costs an id a task, up to `max`.
 */
export class UntoldChanges {
  readonly #first = new Map<string, number>();
  readonly #max: number;
  #overrun = false;

  constructor(max: number) {
    this.#max = max;
  }

  /** There were too many; they are forgotten, and the reader has to begin anew. */
  get overrun(): boolean {
    return this.#overrun;
  }

  get size(): number {
    return this.#first.size;
  }

  /** @param position not below that of any change before */
  add(taskId: string, position: number): void {
    if (this.#overrun || this.#first.has(taskId)) return;
    this.#first.set(taskId, position);
    if (this.#first.size <= this.#max) return;
    this.#overrun = true;
    this.#first.clear();
  }

  /** @param later whose positions are not below those of these */
  addAll(later: UntoldChanges): void {
    for (const [taskId, position] of later.#first) this.add(taskId, position);
    if (!later.#overrun) return;
    this.#overrun = true;
    this.#first.clear();
  }

  /** Takes out the first `max` tasks. */
  take(max: number): string[] {
    const taken: string[] = [];
    for (const taskId of this.#first.keys()) {
      if (taken.length === max) break;
      taken.push(taskId);
    }
    for (const taskId of taken) this.#first.delete(taskId);
    return taken;
  }

  /** The position up to which nothing is untold. @param newest the position of the newest change */
  toldUpTo(newest: number): number {
    for (const first of this.#first.values()) return first - 1;
    return newest;
  }
}
