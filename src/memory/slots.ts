import type { KindRecord } from '../domain/agents/kind-record.js';
import type { Claim } from '../domain/tasks/lease.js';
import type { Tier } from '../domain/tasks/tier.js';
import type { InstanceState } from '../matching/instance-state.js';
import type { EndedAttempt } from '../matching/track-record.js';
import type { AttemptEnd } from '../ports/ready-index.js';
import { Circle } from './circle.js';
import type { TaskUse } from './limits/usage.js';

/** A task that an instance has. */
interface Slot {
  readonly org: string;
  /** `null`: its agent has not come back yet. */
  readonly instance: InstanceState | null;
  readonly epoch: number;
  /** Of the claim; 0: not known. */
  readonly seq: number;
  /** `null`: it had the task before it connected. */
  readonly kind: KindRecord | null;
  /** When the instance was chosen: ms, monotonic. */
  readonly began: number;
  /** `null` as `kind`. */
  readonly tier: Tier | null;
  /** Its affinity key; `null`: it has none, or as `kind`. */
  readonly affinity: string | null;
  /** What it counts for; `null`: not known. */
  readonly use: TaskUse | null;
}

export interface SlotsOptions {
  /** Told when an instance carries more or less. */
  readonly onLoadChanged: (instance: InstanceState) => void;
  /** Told of what counts no more. */
  readonly onOver: (use: TaskUse) => void;
}

/** The tasks that instances have, by id. */
export class Slots {
  readonly #byTask = new Map<string, Slot>();
  readonly #options: SlotsOptions;

  readonly #circle = new Circle(() => this.#byTask.entries());

  constructor(options: SlotsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#byTask.size;
  }

  get(taskId: string): Pick<Slot, 'seq' | 'epoch'> | undefined {
    return this.#byTask.get(taskId);
  }

  all(): Iterable<readonly [string, Slot]> {
    return this.#byTask;
  }

  /** From here on a task counts for something else. */
  counts(taskId: string, change: (use: TaskUse) => TaskUse): void {
    const slot = this.#byTask.get(taskId);
    if (slot?.use) this.#byTask.set(taskId, { ...slot, use: change(slot.use) });
  }

  /** The leases of the next `max` in a circle. */
  next(max: number): readonly Claim[] {
    return this.#circle.next(max).map(([taskId, { org, epoch }]) => ({ org, taskId, epoch }));
  }

  /** A task that was reserved, and counts as load already, is taken. */
  take(taskId: string, slot: Omit<Slot, 'instance' | 'org'> & { readonly instance: InstanceState }): void {
    const { instance, epoch, use } = slot;
    const known = this.#byTask.get(taskId);
    if (known?.use && known.use !== use) this.#options.onOver(known.use);
    if (known && known.epoch >= epoch) {
      // Its agent has said so itself before the claim was confirmed, perhaps on a newer session.
      instance.inFlight = Math.max(0, instance.inFlight - 1);
      if (known.instance !== instance) {
        this.#byTask.set(taskId, { ...known, use });
        return;
      }
    }
    this.#byTask.set(taskId, { ...slot, org: instance.org });
  }

  /** An instance says that it has tasks from before. */
  hold(claims: readonly Claim[], instance: InstanceState): void {
    for (const { taskId, epoch } of claims) {
      const known = this.#byTask.get(taskId);
      if (known?.instance === instance || (known?.epoch ?? 0) > epoch) continue;
      const { tier = null, use = null } = known ?? {};
      const { org } = instance;
      const unknown = { seq: 0, kind: null, began: 0, affinity: null };
      this.#byTask.set(taskId, { ...unknown, org, instance, epoch, tier, use });
      instance.inFlight += 1;
      this.#options.onLoadChanged(instance);
    }
  }

  /** The record has it that an agent has a task: counted, unless it is. */
  know({ org, taskId, epoch }: Claim, facts: Pick<Slot, 'seq' | 'tier'>, use: () => TaskUse): void {
    const known = this.#byTask.get(taskId);
    if (known?.use || (known?.epoch ?? 0) > epoch) return;
    const unknown = { instance: null, kind: null, began: 0, affinity: null };
    this.#byTask.set(taskId, { ...unknown, ...facts, ...known, ...{ org, epoch, use: use() } });
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
      const { org, instance, tier, use } = slot;
      if (sessionId !== undefined && instance?.sessionId !== sessionId) continue;
      this.#byTask.delete(taskId);
      if (use) this.#options.onOver(use);
      if (instance) {
        instance.inFlight = Math.max(0, instance.inFlight - 1);
        this.#options.onLoadChanged(instance);
      }
      onFreed(taskId, org, tier);
    }
  }

  /** The attempts that have ended, of tasks whose kind is known. */
  attempts(ends: readonly AttemptEnd[], now: number): readonly EndedAttempt[] {
    return ends.flatMap(({ taskId, outcome }) => {
      const slot = this.#byTask.get(taskId);
      if (!slot?.kind || !slot.instance) return [];
      const { kind, began, instance, affinity } = slot;
      return [{ kind, affinity, attempt: { taskId, agentId: instance.agentId, outcome, began, ended: now } }];
    });
  }
}
