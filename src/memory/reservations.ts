import type { KindRecord } from '../domain/agents/kind-record.js';
import type { Claim } from '../domain/tasks/lease.js';
import type { Tier } from '../domain/tasks/tier.js';
import type { Choice } from '../matching/choose.js';
import type { InstanceState } from '../matching/instance-state.js';
import type { Instances } from '../matching/instances.js';
import type { TrackRecord } from '../matching/track-record.js';
import type { Clock } from '../ports/clock.js';
import type { Confirmation, Reservation } from '../ports/ready-index.js';
import type { Entry, MemoryTasks } from './entry.js';
import type { TaskUse } from './limits/usage.js';
import type { Slots } from './slots.js';

/** A reservation that is neither confirmed nor released lapses after this. */
const RESERVATION_MS = 5_000;

/** A task that is on its way to an instance. */
interface Reserved {
  readonly reservationId: string;
  readonly instance: InstanceState;
  readonly kind: KindRecord;
  readonly tier: Tier;
  /** Its affinity key; `null`: none. */
  readonly affinity: string | null;
  /** What it counts for. */
  readonly use: TaskUse;
  /** When it was reserved, and when that lapses: ms, monotonic. */
  readonly began: number;
  readonly lapsesAt: number;
  /** Where it was popped; `null`: it is new and was in no lane yet. */
  readonly from: Entry | null;
  /** The highest epoch of the task that is known to have ended. */
  endedEpoch: number;
}

export interface ReservationsOptions {
  readonly clock: Clock;
  readonly track: TrackRecord;
  readonly instances: Pick<Instances<MemoryTasks>, 'loadChanged'>;
  readonly slots: Slots;
  /** Told of what counts no more: nothing has come of it. */
  readonly onUndone: (use: TaskUse) => void;
  /** Told of a task that goes back to its lane. */
  readonly putBack: (entry: Entry) => void;
  /** Told of a task that is not reserved any more, and with nobody. `again`: it or its instance may be had again. */
  readonly onReturned: (taskId: string, again: boolean) => void;
  /** Told of a claim. `isNew`: the task was in no lane before. `over`: its lease has ended already. */
  readonly onConfirmed: (
    claim: Confirmation,
    tier: Tier,
    how: { readonly isNew: boolean; readonly over: boolean },
  ) => void;
}

/** Tasks that are reserved for instances, until their claims are committed or have failed. */
export class Reservations {
  readonly #options: ReservationsOptions;
  readonly #byTask = new Map<string, Reserved>();
  #choices = 0;

  constructor(options: ReservationsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#byTask.size;
  }

  has(taskId: string): boolean {
    return this.#byTask.has(taskId);
  }

  /** @param org `null`: of all; so `kind` */
  countOf(org: string | null, tier: Tier, kind: string | null): number {
    let count = 0;
    for (const reserved of this.#byTask.values()) {
      const { instance, kind: record } = reserved;
      if (reserved.tier !== tier || (org !== null && instance.org !== org)) continue;
      if (kind === null || record.kind === kind) count += 1;
    }
    return count;
  }

  make(
    taskId: string,
    choice: Choice,
    task: Pick<Reserved, 'kind' | 'tier' | 'affinity' | 'from' | 'use'>,
  ): Reservation {
    const { kind } = task;
    const { instance, selection } = choice;
    const { clock, track } = this.#options;
    const { org, agentId, sessionId, requestId } = instance;
    track.chosen(kind, agentId);
    instance.lastChosen = ++this.#choices;
    instance.reserved += 1;
    this.#charge(instance, 1);
    const reservationId = String(this.#choices);
    const began = clock.monotonic();
    const lapsesAt = began + RESERVATION_MS;
    const made = { ...task, reservationId, instance, began, lapsesAt, endedEpoch: 0 };
    this.#byTask.set(taskId, made);
    return { reservationId, org, taskId, sessionId, agentId, requestId, selection };
  }

  confirm(confirmation: Confirmation): void {
    const { reservation, epoch, seq } = confirmation;
    const { taskId, reservationId } = reservation;
    const reserved = this.#byTask.get(taskId);
    if (reserved?.reservationId !== reservationId) return;
    const { instance, tier, affinity, from, endedEpoch, kind, began, use } = reserved;
    this.#byTask.delete(taskId);
    instance.reserved -= 1;
    this.#options.slots.take(taskId, { instance, epoch, seq, kind, began, tier, affinity, use });
    this.#options.onConfirmed(confirmation, tier, { isNew: from === null, over: endedEpoch >= epoch });
  }

  /** A lease of the task has ended; it may be that of a claim that is not confirmed yet. */
  ended({ taskId, epoch }: Claim): void {
    const reserved = this.#byTask.get(taskId);
    if (reserved) reserved.endedEpoch = Math.max(reserved.endedEpoch, epoch);
  }

  release({ taskId, reservationId }: Reservation, requeue: boolean): void {
    const reserved = this.#byTask.get(taskId);
    if (reserved?.reservationId === reservationId) this.#giveBack(taskId, reserved, requeue);
  }

  /** Reservations are kept in the order they were made, so the first that holds ends the search. */
  lapse(): void {
    const now = this.#options.clock.monotonic();
    for (const [taskId, reserved] of this.#byTask) {
      if (reserved.lapsesAt > now) return;
      this.#giveBack(taskId, reserved, true);
    }
  }

  #giveBack(taskId: string, { from, instance, use }: Reserved, requeue: boolean): void {
    this.#byTask.delete(taskId);
    instance.reserved -= 1;
    // Credit that was withdrawn does not come back with what it was used for.
    if (instance.withdrawn) instance.granted -= 1;
    if (requeue && from) this.#options.putBack(from);
    this.#charge(instance, -1);
    this.#options.onUndone(use);
    this.#options.onReturned(taskId, requeue);
  }

  #charge(instance: InstanceState, n: 1 | -1): void {
    instance.assigned += n;
    instance.inFlight += n;
    this.#options.instances.loadChanged(instance);
  }
}
