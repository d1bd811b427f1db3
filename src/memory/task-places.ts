import type { DelayedTask, ReadyTask, TaskVersion } from '../ports/ready-index.js';
import type { DelayedTasks } from './delayed-tasks.js';
import type { Entry } from './entry.js';
import type { ReadyTasks } from './ready-tasks.js';
import type { Reservations } from './reservations.js';
import type { Slots } from './slots.js';

export interface TaskPlacesOptions {
  readonly ready: ReadyTasks;
  readonly delayed: DelayedTasks;
  readonly reserved: Pick<Reservations, 'has'>;
  readonly slots: Pick<Slots, 'get'>;
  /** Told of tasks that have come into a lane, and were not queued before. */
  readonly onEntered: (task: ReadyTask) => void;
}

/** Why a task is told of: it has come to wait, or waited before this index was there. */
export type Cause = 'NEW' | 'LOADED';

/**
 * Where waiting tasks are, by the newest of their changes: what is told of them may come in any
 * order. A task that is reserved or with an instance cannot be in a lane; it comes
 * into one when that is over.
 */
export class TaskPlaces {
  readonly #options: TaskPlacesOptions;
  /** Ready tasks that are still reserved, or with the instance that had them. */
  readonly #later = new Map<string, { readonly task: ReadyTask; readonly cause: Cause }>();

  constructor(options: TaskPlacesOptions) {
    this.#options = options;
  }

  add(task: ReadyTask, cause: Cause): void {
    const { ready, delayed, reserved, slots, onEntered } = this.#options;
    const { taskId, seq } = task;
    const inLane = ready.seqOf(taskId);
    if (this.#isOld(task) || inLane === seq) return;
    delayed.delete(task);
    const slot = slots.get(taskId);
    if (slot && slot.seq > seq) return;
    if (slot || reserved.has(taskId)) {
      this.#later.set(taskId, { task, cause });
      return;
    }
    ready.add(task);
    if (inLane === 0 && cause === 'NEW') onEntered(task);
  }

  delay(task: DelayedTask): void {
    if (this.#isOld(task)) return;
    this.#leaveLane(task.taskId);
    this.#options.delayed.set(task);
  }

  remove(task: TaskVersion): void {
    if (this.#isOld(task)) return;
    this.#leaveLane(task.taskId);
    this.#options.delayed.delete(task);
  }

  /** Puts a task back into the lane it was taken out of, unless something newer is known of it. */
  putBack(entry: Entry): void {
    if (!this.#isOld(entry)) this.#options.ready.putBack(entry);
  }

  /** A task is with an instance, by the change `seq`. */
  claimed(taskId: string, seq: number): void {
    const later = this.#later.get(taskId);
    if (later && later.task.seq < seq) this.#later.delete(taskId);
  }

  /** A task is neither reserved nor with an instance any more. Whether it was to be placed. */
  free(taskId: string): boolean {
    const later = this.#later.get(taskId);
    if (!later) return false;
    this.#later.delete(taskId);
    this.add(later.task, later.cause);
    return true;
  }

  #leaveLane(taskId: string): void {
    this.#options.ready.delete(taskId);
    this.#later.delete(taskId);
  }

  #isOld({ taskId, seq }: Pick<TaskVersion, 'taskId' | 'seq'>): boolean {
    const { ready, delayed } = this.#options;
    const later = this.#later.get(taskId)?.task.seq ?? 0;
    return Math.max(ready.seqOf(taskId), delayed.seqOf(taskId), later) > seq;
  }
}
