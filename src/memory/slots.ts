import type { Tier } from '../domain/tasks/tier.js';
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
  /** `null` as `kind`. */
  readonly tier: Tier | null;
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
  take(taskId: string, { instance, kind, began, tier }: Slot): void {
    this.#byTask.set(taskId, { instance, kind, began, tier });
  }

  /** An instance says that it has tasks from before. */
  hold(tasks: readonly TaskKey[], instance: InstanceState): void {
    for (const { taskId } of tasks) {
      if (this.#byTask.get(taskId)?.instance === instance) continue;
      this.#byTask.set(taskId, { instance, kind: null, began: 0, tier: null });
      instance.inFlight += 1;
    }
  }

  /**
   * @param sessionId only slots of this one; `undefined`: whoever has them
   * @param onFreed told of each slot whose task's tier is known
   */
  free(
    tasks: readonly TaskKey[],
    sessionId: string | undefined,
    onFreed: (org: string, tier: Tier) => void,
  ): void {
    for (const { taskId } of tasks) {
      const slot = this.#byTask.get(taskId);
      if (!slot || (sessionId !== undefined && slot.instance.sessionId !== sessionId)) continue;
      const { instance, tier } = slot;
      this.#byTask.delete(taskId);
      instance.inFlight = Math.max(0, instance.inFlight - 1);
      if (tier !== null) onFreed(instance.org, tier);
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
