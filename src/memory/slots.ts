import type { AttemptEnd, TaskKey } from '../ports/ready-index.js';
import type { InstanceState } from './instance-state.js';
import type { Attempt, KindRecord } from './kind-record.js';

/** A task that an instance has. */
interface Slot {
  readonly instance: InstanceState;
  /** `null`: it had the task before it connected. */
  readonly kind: KindRecord | null;
  /** When the instance was chosen: ms, monotonic. */
  readonly began: number;
}

/** The tasks that instances have, by id. */
export class Slots {
  readonly #byTask = new Map<string, Slot>();

  get size(): number {
    return this.#byTask.size;
  }

  has(taskId: string): boolean {
    return this.#byTask.has(taskId);
  }

  /** A task that was reserved, and counts as load already, is taken. */
  take(taskId: string, { instance, kind, began }: Slot): void {
    this.#byTask.set(taskId, { instance, kind, began });
  }

  /** An instance says that it has tasks from before. */
  hold(tasks: readonly TaskKey[], instance: InstanceState): void {
    for (const { taskId } of tasks) {
      if (this.#byTask.get(taskId)?.instance === instance) continue;
      this.#byTask.set(taskId, { instance, kind: null, began: 0 });
      instance.inFlight += 1;
    }
  }

  free(tasks: readonly TaskKey[], sessionId?: string): void {
    for (const { taskId } of tasks) {
      const instance = this.#byTask.get(taskId)?.instance;
      if (!instance || (sessionId !== undefined && instance.sessionId !== sessionId)) continue;
      this.#byTask.delete(taskId);
      instance.inFlight = Math.max(0, instance.inFlight - 1);
    }
  }

  /** The attempts that have ended, of tasks whose kind is known. */
  attempts(
    ends: readonly AttemptEnd[],
    now: number,
  ): readonly { readonly kind: KindRecord; readonly attempt: Attempt }[] {
    return ends.flatMap(({ taskId, outcome }) => {
      const slot = this.#byTask.get(taskId);
      if (!slot?.kind) return [];
      const { kind, began, instance } = slot;
      return [{ kind, attempt: { taskId, agentId: instance.agentId, outcome, began, ended: now } }];
    });
  }
}
