import type { Clock } from '../ports/clock.js';
import type { ProgressNote, ProgressNotes } from '../ports/progress.js';

const MIN_INTERVAL_MS = 1_000;

/** Progress notes inside one process. */
export class ProgressBoard implements ProgressNotes {
  readonly #clock: Clock;
  readonly #notes = new Map<string, ProgressNote>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(taskId: string, fraction: number, text: string): boolean {
    const updateTime = this.#clock.now();
    const known = this.#notes.get(taskId);
    if (known && updateTime - known.updateTime < MIN_INTERVAL_MS && fraction < 1) return false;
    this.#notes.set(taskId, { fraction, text, updateTime });
    return true;
  }

  get(taskId: string): ProgressNote | null {
    return this.#notes.get(taskId) ?? null;
  }

  delete(taskId: string): void {
    this.#notes.delete(taskId);
  }
}
