import type { LoadReport } from '../domain/agents/agent.js';
import type { Strategy, TaskFacts } from '../domain/selection/strategy.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type {
  AttemptEnd,
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
import type { KindRecord } from './kind-record.js';
import { byBandAndScore, type Entry, type Group, Lanes } from './lanes.js';
import { ReadyTasks } from './ready-tasks.js';
import { Slots } from './slots.js';
import { TrackRecord } from './track-record.js';

export interface MemoryIndexOptions {
  readonly clock: Clock;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  readonly log: Log;
  /** The strategy in force for an organisation; asked at each choice, so that it can be switched. */
  readonly strategyOf: (org: string) => Strategy;
  /** The health threshold for tasks that name none. */
  readonly minHealth: number;
  /** How long a report of an agent's load counts, in ms. */
  readonly reportsLastMs: number;
}

/** A reservation that is neither confirmed nor released lapses after this. */
const RESERVATION_MS = 5_000;

/** A task that is on its way to an instance. */
interface Reserved {
  readonly reservationId: string;
  readonly instance: InstanceState;
  readonly kind: KindRecord;
  /** When it was reserved, and when that lapses: ms, monotonic. */
  readonly began: number;
  readonly lapsesAt: number;
  /** Where it was popped; `null`: it is new and was in no lane yet. */
  readonly from: Entry | null;
}

/**
 * The index inside one process. Tasks are in exactly one place: a lane, reserved, or with an
 * instance (`slots`); delayed ones wait in a set of their own.
 */
export class MemoryIndex implements ReadyIndex {
  readonly #options: MemoryIndexOptions;
  readonly #clock: Clock;
  readonly #track: TrackRecord;
  readonly #lanes = new Lanes();
  readonly #instances: Instances;
  readonly #ready: ReadyTasks;
  readonly #reserved = new Map<string, Reserved>();
  readonly #slots = new Slots();
  readonly #delayed = new DueSet<TaskKey>();
  readonly #hints = new DueSet<LeaseHint>();
  #listener: () => void = () => undefined;
  #choices = 0;

  constructor(options: MemoryIndexOptions) {
    const { clock, log, minHealth } = options;
    this.#options = options;
    this.#clock = clock;
    this.#track = new TrackRecord({
      clock,
      log,
      onHoldsChanged: (kind) => this.#instances.holdsChanged(kind),
    });
    this.#instances = new Instances({
      clock,
      minHealth,
      kindOf: (org, kind) => this.#track.kind(org, kind),
      onFreeChanged: (group) => {
        this.#lanes.placeGroup(group);
        if (group.lanes.size > 0) this.#listener();
      },
    });
    this.#ready = new ReadyTasks({
      clock,
      lanes: this.#lanes,
      instances: this.#instances,
      onMoved: () => this.#listener(),
    });
  }

  onReady(listener: () => void): void {
    this.#listener = listener;
  }

  async add(tasks: readonly ReadyTask[]): Promise<void> {
    for (const task of tasks) {
      this.#delayed.delete(task.taskId);
      if (this.#reserved.has(task.taskId) || this.#slots.has(task.taskId)) continue;
      this.#ready.add(task);
    }
    if (this.#lanes.head()) this.#listener();
  }

  async remove(tasks: readonly TaskKey[]): Promise<void> {
    for (const { taskId } of tasks) {
      this.#delayed.delete(taskId);
      this.#ready.delete(taskId);
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
    this.#slots.hold(instance.held, state);
  }

  async dropInstance(sessionId: string): Promise<void> {
    this.#instances.drop(sessionId);
  }

  async grant(sessionId: string, grantedTotal: number, requestId: string | null = null): Promise<void> {
    const instance = this.#instances.get(sessionId);
    if (instance === undefined || grantedTotal <= instance.granted) return;
    instance.granted = grantedTotal;
    instance.requestId = requestId;
    instance.withdrawn = false;
    this.#instances.creditChanged(instance);
  }

  async withdraw(sessionId: string): Promise<number> {
    const instance = this.#instances.get(sessionId);
    if (instance === undefined) return 0;
    instance.granted = instance.assigned;
    instance.withdrawn = true;
    this.#instances.creditChanged(instance);
    return instance.reserved;
  }

  async setEligibility(org: string, agentId: string, health: number, active: boolean): Promise<void> {
    this.#instances.setCondition(org, agentId, { health, active });
  }

  async reportLoad(org: string, agentId: string, load: LoadReport): Promise<void> {
    const until = this.#clock.monotonic() + this.#options.reportsLastMs;
    this.#instances.agent(org, agentId).report = { load, until };
  }

  async reserve(max: number): Promise<readonly Reservation[]> {
    this.#lapse();
    const out: Reservation[] = [];
    while (out.length < max) {
      const lane = this.#lanes.head();
      const entry = lane?.tasks.peek();
      const instance = lane && entry && this.#choose(entry, lane.group);
      if (!lane || !entry || !instance) break;
      this.#ready.takeOut(entry);
      out.push(this.#reserve(entry.taskId, instance, lane.group.kind, entry));
    }
    return out;
  }

  async reserveNew(tasks: readonly ReadyTask[]): Promise<readonly (Reservation | null)[]> {
    this.#lapse();
    const reservations = new Map<string, Reservation>();
    for (const task of [...tasks].sort(byBandAndScore)) {
      const group = this.#instances.group(task, task.lastAgentId);
      const instance = this.#lanes.wouldLead(task) ? this.#choose(task.requirements, group) : null;
      if (instance) reservations.set(task.taskId, this.#reserve(task.taskId, instance, group.kind, null));
    }
    return tasks.map(({ taskId }) => reservations.get(taskId) ?? null);
  }

  async confirm(reservations: readonly Reservation[]): Promise<void> {
    for (const { taskId, reservationId } of reservations) {
      const reserved = this.#reserved.get(taskId);
      if (reserved?.reservationId !== reservationId) continue;
      this.#reserved.delete(taskId);
      reserved.instance.reserved -= 1;
      this.#slots.take(taskId, reserved);
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

  async recordAttempts(ends: readonly AttemptEnd[]): Promise<void> {
    this.#track.add(this.#slots.attempts(ends, this.#clock.monotonic()));
  }

  async freeSlots(tasks: readonly TaskKey[], sessionId?: string): Promise<void> {
    this.#slots.free(tasks, sessionId);
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
    const { lanes } = this.#ready;
    const parked = [...lanes].filter((l) => l.group.free.size === 0);
    return {
      queued: this.#ready.size,
      delayed: this.#delayed.size,
      reserved: this.#reserved.size,
      lanes: lanes.size,
      parkedLanes: parked.length,
      perTier: this.#ready.perTier,
      instances: this.#instances.size,
      inFlight: this.#slots.size,
    };
  }

  #choose(task: TaskFacts, { org, kind, free, turns }: Group): InstanceState | null {
    const { clock, random, strategyOf } = this.#options;
    const { measured } = kind;
    return strategyOf(org)(task, free, { now: clock.monotonic(), random, turns, measured });
  }

  #reserve(taskId: string, instance: InstanceState, kind: KindRecord, from: Reserved['from']): Reservation {
    const { org, agentId, sessionId, requestId } = instance;
    this.#charge(instance, 1);
    this.#track.chosen(kind, agentId);
    instance.lastChosen = ++this.#choices;
    instance.reserved += 1;
    const reservationId = String(this.#choices);
    const began = this.#clock.monotonic();
    const lapsesAt = began + RESERVATION_MS;
    this.#reserved.set(taskId, { reservationId, instance, kind, from, began, lapsesAt });
    return { reservationId, org, taskId, sessionId, agentId, requestId };
  }

  #charge(instance: InstanceState, n: 1 | -1): void {
    instance.assigned += n;
    instance.inFlight += n;
    this.#instances.creditChanged(instance);
  }

  #giveBack(taskId: string, { from, instance }: Reserved, requeue: boolean): void {
    this.#reserved.delete(taskId);
    instance.reserved -= 1;
    // Credit that was withdrawn does not come back with what it was used for.
    if (instance.withdrawn) instance.granted -= 1;
    if (requeue && from) this.#ready.putBack(from);
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
