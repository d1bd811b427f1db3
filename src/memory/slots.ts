import type { Attempt, KindRecord } from '../domain/agents/kind-record.js';
import type { Claim } from '../domain/tasks/lease.js';
import type { Tier } from '../domain/tasks/tier.js';
import type { InstanceState } from '../matching/instance-state.js';
import type { AttemptEnd } from '../ports/ready-index.js';
import { Circle } from './circle.js';

/** A task that an instance has. */
interface Slot {
  readonly instance: InstanceState;
  readonly epoch: number;
  /** Of the claim; 0: not known. */
  readonly seq: number;
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
  readonly #onLoadChanged: (instance: InstanceState) => void;

  readonly #circle = new Circle(() => this.#byTask.entries());

  /** @param onLoadChanged told when an instance carries more or less */
  constructor(onLoadChanged: (instance: InstanceState) => void) {
    this.#onLoadChanged = onLoadChanged;
  }

  get size(): number {
    return this.#byTask.size;
  }

  get(taskId: string): Pick<Slot, 'seq'> | undefined {
    return this.#byTask.get(taskId);
  }

  /** The leases of the next `max` in a circle. */
  next(max: number): readonly Claim[] {
    return this.#circle
      .next(max)
      .map(([taskId, { instance, epoch }]) => ({ org: instance.org, taskId, epoch }));
  }

  /** A task that was reserved, and counts as load already, is taken. */
  take(taskId: string, { instance, epoch, seq, kind, began, tier }: Slot): void {
    const known = this.#byTask.get(taskId);
    if (known && known.epoch >= epoch) {
      // Its agent has said so itself before the claim was confirmed, perhaps on a newer session.
      instance.inFlight = Math.max(0, instance.inFlight - 1);
      if (known.instance !== instance) return;
    }
    this.#byTask.set(taskId, { instance, epoch, seq, kind, began, tier });
  }

  /** An instance says that it has tasks from before. */
  hold(claims: readonly Claim[], instance: InstanceState): void {
    for (const { taskId, epoch } of claims) {
      const known = this.#byTask.get(taskId);
      if (known?.instance === instance || (known?.epoch ?? 0) > epoch) continue;
      this.#byTask.set(taskId, { instance, epoch, seq: 0, kind: null, began: 0, tier: null });
      instance.inFlight += 1;
      this.#onLoadChanged(instance);
    }
  }

  /**
   * @param sessionId only slots of this one; `undefined`: whoever has them
   * @param onFreed told of each slot; `tier` as of the slot
   */
  free(
    claims: readonly Claim[],
    sessionId: string | undefined,
    onFreed: (taskId: string, org: string, tier: Tier | null) => void,
  ): void {
    for (const { taskId, epoch } of claims) {
      const slot = this.#byTask.get(taskId);
      if (!slot || slot.epoch > epoch) continue;
      const { instance, tier } = slot;
      if (sessionId !== undefined && instance.sessionId !== sessionId) continue;
      this.#byTask.delete(taskId);
      instance.inFlight = Math.max(0, instance.inFlight - 1);
      this.#onLoadChanged(instance);
      onFreed(taskId, instance.org, tier);
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
