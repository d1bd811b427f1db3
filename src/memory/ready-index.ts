import { first, type Strategy } from '../domain/selection/strategy.js';
import { signatureOf } from '../domain/tasks/requirements.js';
import { TIERS, type Tier } from '../domain/tasks/tier.js';
import type { Clock } from '../ports/clock.js';
import type {
  IndexStats,
  Instance,
  LeaseHint,
  ReadyIndex,
  ReadyTask,
  Reservation,
  TaskKey,
} from '../ports/ready-index.js';
import { DueSet } from './due-set.js';
import type { InstanceState } from './instance-state.js';
import { Instances } from './instances.js';
import { byBandAndScore, type Entry, type Lane, Lanes } from './lanes.js';

export interface MemoryIndexOptions {
  readonly clock: Clock;
  readonly strategy: Strategy;
  /** The health threshold for tasks that name none. */
  readonly minHealth: number;
}

/** A reservation that is neither confirmed nor released lapses after this. */
const RESERVATION_MS = 5_000;

/** A task that is on its way to an instance. */
interface Reserved {
  readonly reservationId: string;
  readonly instance: InstanceState;
  /** Where it was popped; `null`: it is new and was in no lane yet. */
  readonly from: { readonly entry: Entry; readonly lane: Lane } | null;
  readonly lapsesAt: number;
}

/**
 * The index inside one process. Tasks are in exactly one place: a lane, reserved, or with an
 * instance (`slots`); delayed ones wait in a set of their own.
 */
export class MemoryIndex implements ReadyIndex {
  readonly #clock: Clock;
  readonly #strategy: Strategy;
  readonly #lanes = new Lanes();
  readonly #instances: Instances;
  readonly #ready = new Map<string, Entry>();
  readonly #reserved = new Map<string, Reserved>();
  readonly #slots = new Map<string, InstanceState>();
  readonly #delayed = new DueSet<TaskKey>();
  readonly #hints = new DueSet<LeaseHint>();
  readonly #perTier = new Map<Tier, number>();
  #listener: () => void = () => undefined;
  #choices = 0;

  constructor(options: MemoryIndexOptions) {
    this.#clock = options.clock;
    this.#strategy = options.strategy;
    this.#instances = new Instances(options.minHealth, (group) => {
      this.#lanes.placeGroup(group);
      if (group.lanes.size > 0) this.#listener();
    });
  }

  onReady(listener: () => void): void {
    this.#listener = listener;
  }

  async add(tasks: readonly ReadyTask[]): Promise<void> {
    for (const task of tasks) {
      this.#delayed.delete(task.taskId);
      if (this.#reserved.has(task.taskId) || this.#slots.has(task.taskId)) continue;
      const known = this.#ready.get(task.taskId);
      if (known) this.#takeOut(known);
      const group = this.#instances.group(task.org, signatureOf(task.requirements), task.requirements);
      const entry = { at: -1, taskId: task.taskId, score: task.score } as Entry;
      this.#lanes.insert(group, task.band, task.tier, entry);
      this.#putIn(entry);
    }
    if (this.#lanes.head()) this.#listener();
  }

  async remove(tasks: readonly TaskKey[]): Promise<void> {
    for (const { taskId } of tasks) {
      this.#delayed.delete(taskId);
      const entry = this.#ready.get(taskId);
      if (entry) this.#takeOut(entry);
    }
  }

  async delay(tasks: readonly (TaskKey & { readonly due: number })[]): Promise<void> {
    for (const { org, taskId, due } of tasks) this.#delayed.set(taskId, due, { org, taskId });
  }

  async takeDue(max: number): Promise<readonly TaskKey[]> {
    return this.#delayed.take(this.#clock.now(), max);
  }

  async putInstance(instance: Instance): Promise<void> {
    const state = this.#instances.put(instance);
    for (const { taskId } of instance.held) {
      if (this.#slots.get(taskId) === state) continue;
      this.#slots.set(taskId, state);
      state.inFlight += 1;
    }
  }

  async dropInstance(sessionId: string): Promise<void> {
    this.#instances.drop(sessionId);
  }

  async grant(sessionId: string, grantedTotal: number): Promise<void> {
    const instance = this.#instances.get(sessionId);
    if (instance === undefined || grantedTotal <= instance.granted) return;
    instance.granted = grantedTotal;
    this.#instances.creditChanged(instance);
  }

  async setEligibility(org: string, agentId: string, health: number, active: boolean): Promise<void> {
    this.#instances.setCondition(org, agentId, { health, active });
  }

  async reserve(max: number): Promise<readonly Reservation[]> {
    this.#lapse();
    const out: Reservation[] = [];
    while (out.length < max) {
      const lane = this.#lanes.head();
      const entry = lane?.tasks.peek();
      const instance = lane && first(lane.group.free, this.#strategy);
      if (!lane || !entry || !instance) break;
      this.#takeOut(entry);
      out.push(this.#reserve(entry.taskId, instance, { entry, lane }));
    }
    return out;
  }

  async reserveNew(tasks: readonly ReadyTask[]): Promise<readonly (Reservation | null)[]> {
    this.#lapse();
    const reservations = new Map<string, Reservation>();
    for (const task of [...tasks].sort(byBandAndScore)) {
      const group = this.#instances.group(task.org, signatureOf(task.requirements), task.requirements);
      const instance = this.#lanes.wouldLead(task) ? first(group.free, this.#strategy) : null;
      if (instance) reservations.set(task.taskId, this.#reserve(task.taskId, instance, null));
    }
    return tasks.map(({ taskId }) => reservations.get(taskId) ?? null);
  }

  async confirm(reservations: readonly Reservation[]): Promise<void> {
    for (const { taskId, reservationId } of reservations) {
      const reserved = this.#reserved.get(taskId);
      if (reserved?.reservationId !== reservationId) continue;
      this.#reserved.delete(taskId);
      this.#slots.set(taskId, reserved.instance);
    }
  }

  async release(
    reservations: readonly { readonly reservation: Reservation; readonly requeue: boolean }[],
  ): Promise<void> {
    for (const { reservation, requeue } of reservations) {
      const reserved = this.#reserved.get(reservation.taskId);
      if (reserved?.reservationId === reservation.reservationId)
        this.#giveBack(reservation.taskId, reserved, requeue);
    }
  }

  async freeSlots(tasks: readonly TaskKey[]): Promise<void> {
    for (const { taskId } of tasks) {
      const instance = this.#slots.get(taskId);
      if (!instance) continue;
      this.#slots.delete(taskId);
      instance.inFlight = Math.max(0, instance.inFlight - 1);
    }
  }

  async hintLeases(hints: readonly LeaseHint[]): Promise<void> {
    for (const hint of hints) {
      const known = this.#hints.get(hint.taskId);
      if (known === undefined || known.epoch <= hint.epoch) this.#hints.set(hint.taskId, hint.due, hint);
    }
  }

  async dropHints(tasks: readonly TaskKey[]): Promise<void> {
    for (const { taskId } of tasks) this.#hints.delete(taskId);
  }

  async takeDueHints(max: number): Promise<readonly LeaseHint[]> {
    return this.#hints.take(this.#clock.now(), max);
  }

  async stats(): Promise<IndexStats> {
    const lanes = new Set([...this.#ready.values()].map((e) => e.lane));
    const parked = [...lanes].filter((l) => l.group.free.size === 0);
    const perTier = Object.fromEntries(TIERS.map((t) => [t, this.#perTier.get(t) ?? 0]));
    return {
      queued: this.#ready.size,
      delayed: this.#delayed.size,
      reserved: this.#reserved.size,
      lanes: lanes.size,
      parkedLanes: parked.length,
      perTier: perTier as Record<Tier, number>,
      instances: this.#instances.size,
      inFlight: this.#slots.size,
    };
  }

  #putIn(entry: Entry): void {
    this.#ready.set(entry.taskId, entry);
    const { tier } = entry.lane;
    this.#perTier.set(tier, (this.#perTier.get(tier) ?? 0) + 1);
  }

  #takeOut(entry: Entry): void {
    this.#ready.delete(entry.taskId);
    this.#lanes.remove(entry);
    const { tier } = entry.lane;
    this.#perTier.set(tier, (this.#perTier.get(tier) ?? 0) - 1);
  }

  #reserve(taskId: string, instance: InstanceState, from: Reserved['from']): Reservation {
    this.#charge(instance, 1);
    instance.lastChosen = ++this.#choices;
    const reservationId = String(this.#choices);
    const lapsesAt = this.#clock.monotonic() + RESERVATION_MS;
    this.#reserved.set(taskId, { reservationId, instance, from, lapsesAt });
    const { org, agentId, sessionId } = instance;
    return { reservationId, org, taskId, sessionId, agentId };
  }

  #charge(instance: InstanceState, n: 1 | -1): void {
    instance.assigned += n;
    instance.inFlight += n;
    this.#instances.creditChanged(instance);
  }

  #giveBack(taskId: string, { from, instance }: Reserved, requeue: boolean): void {
    this.#reserved.delete(taskId);
    if (requeue && from) {
      const { group, band, tier } = from.lane;
      const current = this.#instances.group(group.org, group.signature, group.requirements);
      this.#lanes.insert(current, band, tier, from.entry);
      this.#putIn(from.entry);
    }
    this.#charge(instance, -1);
    if (requeue) this.#listener();
  }

  /** Reservations are kept in the order they were made, so the first that holds ends the search. */
  #lapse(): void {
    const now = this.#clock.monotonic();
    for (const [taskId, reserved] of this.#reserved) {
      if (reserved.lapsesAt > now) return;
      this.#giveBack(taskId, reserved, true);
    }
  }
}
