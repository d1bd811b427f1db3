/**
 * What the attempts of a session leave, on its way to the record: of each task one after the other, and what is older
 * than the newest not at all. Those that come together are one batch of the record's.
 */
export class CheckpointWrites {
  /** To be written next, by task. */
  readonly #next = new Map<string, () => Promise<unknown>>();
  readonly #busy = new Map<string, Promise<void>>();

  /** Resolves once this, or a newer one of the task, was written. */
  save(taskId: string, write: () => Promise<unknown>): Promise<void> {
    this.#next.set(taskId, write);
    let busy = this.#busy.get(taskId);
    if (!busy) {
      busy = this.#writeAll(taskId).finally(() => {
        this.#busy.delete(taskId);
        this.#next.delete(taskId);
      });
      this.#busy.set(taskId, busy);
    }
    return busy;
  }

  /**
   * Until nothing of these tasks is on its way, whatever became of it: once an attempt has ended, the record takes
   * nothing of it any more. `null`: nothing is.
   */
  settled(taskIds: readonly string[]): Promise<unknown> | null {
    const busy = taskIds.flatMap((taskId) => this.#busy.get(taskId) ?? []);
    return busy.length > 0 ? Promise.allSettled(busy) : null;
  }

  async #writeAll(taskId: string): Promise<void> {
    for (let write = this.#next.get(taskId); write; write = this.#next.get(taskId)) {
      this.#next.delete(taskId);
      await write();
    }
  }
}
