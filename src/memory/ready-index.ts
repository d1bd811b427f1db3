import type { AgentIntent, LoadReport } from '../domain/agents/agent.js';
import type { LanePlace } from '../domain/explain/lane-place.js';
import type { QueuePart } from '../domain/queues/queue-part.js';
import type { TaskFacts } from '../domain/selection/strategy.js';
import type { Claim } from '../domain/tasks/lease.js';
import type { HeadStarts, Tier } from '../domain/tasks/tier.js';
import { surveyCandidates } from '../matching/candidates.js';
import { type Choice, choose } from '../matching/choose.js';
import { Holds } from '../matching/holds.js';
import { Instances } from '../matching/instances.js';
import { byBandAndScore, type Group, Lanes } from '../matching/lanes.js';
import type { MatchingOptions } from '../matching/matching-options.js';
import { TrackRecord } from '../matching/track-record.js';
import { whyWaiting } from '../matching/why-waiting.js';
import type { Clock } from '../ports/clock.js';
import type {
  AttemptEnd,
  Confirmation,
  DelayedTask,
  HintCause,
  IndexStats,
  Instance,
  LeaseHint,
  PeekedTask,
  QueueSizes,
  ReadyIndex,
  ReadyTask,
  Release,
  Reservation,
  TaskKey,
  TaskVersion,
  Waiting,
} from '../ports/ready-index.js';
import { DelayedTasks } from './delayed-tasks.js';
import type { MemoryTasks } from './entry.js';
import { indexStats } from './index-stats.js';
import { LeaseHints } from './lease-hints.js';
import { memoryPlace } from './place.js';
import { QueueMeter } from './queue-meter.js';
import { peekQueue, queueSizes } from './queue-view.js';
import { ReadyTasks } from './ready-tasks.js';
import { Reservations } from './reservations.js';
import { Slots } from './slots.js';
import { type Cause, TaskPlaces } from './task-places.js';

export type MemoryIndexOptions = MatchingOptions;

/**
 * The index inside one process. Tasks are in exactly one place: a lane, reserved, or with an
 * instance (`slots`); delayed ones wait in a set of their own.
 */
export class MemoryIndex implements ReadyIndex {
  readonly #options: MemoryIndexOptions;
  readonly #clock: Clock;
  readonly #track: TrackRecord;
  readonly #holds = new Holds();
  readonly #meter: QueueMeter;
  readonly #lanes = new Lanes<MemoryTasks>((group, tier) => this.#isHeld(group, tier));
  readonly #instances: Instances<MemoryTasks>;
  readonly #ready: ReadyTasks;
  readonly #reserved: Reservations;
  readonly #slots = new Slots((instance) => this.#instances.loadChanged(instance));
  readonly #delayed = new DelayedTasks();
  readonly #places: TaskPlaces;
  readonly #hints = new LeaseHints();
  #listener: () => void = () => undefined;

  constructor(options: MemoryIndexOptions) {
    const { clock, log, minHealth, terms } = options;
    this.#options = options;
    this.#clock = clock;
    this.#meter = new QueueMeter(clock);
    this.#track = new TrackRecord({
      clock,
      log,
      onHoldsChanged: (kind) => this.#instances.holdsChanged(kind),
    });
    this.#instances = new Instances({
      ...{ clock, minHealth, ...(terms && { terms }) },
      kindOf: (org, kind) => this.#track.kind(org, kind),
      onFreeChanged: (group) => {
        this.#lanes.placeGroup(group);
        if (group.lanes.size > 0) this.#listener();
      },
    });
    terms?.onChanged((org) => this.#instances.termsChanged(org));
    this.#ready = new ReadyTasks({
      clock,
      lanes: this.#lanes,
      instances: this.#instances,
      onMoved: () => this.#listener(),
    });
    this.#reserved = new Reservations({
      clock,
      track: this.#track,
      instances: this.#instances,
      slots: this.#slots,
      putBack: (entry) => this.#places.putBack(entry),
      onReturned: (taskId, again) => {
        if (this.#places.free(taskId) || again) this.#listener();
      },
      onConfirmed: ({ reservation: { org, taskId }, epoch, seq }, tier, { isNew, over }) => {
        if (isNew) this.#meter.add(org, tier, 'entered');
        this.#meter.add(org, tier, 'claimed');
        this.#places.claimed(taskId, seq);
        if (over) void this.freeSlots([{ org, taskId, epoch }]);
      },
    });
    const [ready, delayed, reserved, slots] = [this.#ready, this.#delayed, this.#reserved, this.#slots];
    this.#places = new TaskPlaces({
      ...{ ready, delayed, reserved, slots },
      onEntered: ({ org, tier }) => this.#meter.add(org, tier, 'entered'),
    });
  }

  onReady(listener: () => void): void {
    this.#listener = listener;
  }

  async add(tasks: readonly ReadyTask[], cause: Cause = 'NEW'): Promise<void> {
    for (const task of tasks) this.#places.add(task, cause);
    if (this.#lanes.head()) this.#listener();
  }

  async remove(tasks: readonly TaskVersion[]): Promise<void> {
    for (const task of tasks) this.#places.remove(task);
  }

  async nextWaiting(max: number): Promise<readonly TaskVersion[]> {
    return this.#ready.next(max);
  }

  async delay(tasks: readonly DelayedTask[]): Promise<void> {
    for (const task of tasks) this.#places.delay(task);
  }

  async nextDelayed(max: number): Promise<readonly TaskVersion[]> {
    return this.#delayed.next(max);
  }

  async takeDue(max: number): Promise<readonly DelayedTask[]> {
    return this.#delayed.take(this.#clock.now(), max);
  }

  async hold(org: string, part: QueuePart, name: string): Promise<void> {
    this.#holds.hold(org, part, name);
    this.#holdsChanged(org);
  }

  async unhold(org: string, name: string): Promise<void> {
    if (!this.#holds.unhold(org, name)) return;
    this.#holdsChanged(org);
    if (this.#lanes.head()) this.#listener();
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
    Object.assign(instance, { granted: grantedTotal, requestId, withdrawn: false });
    this.#instances.loadChanged(instance);
  }

  async withdraw(sessionId: string): Promise<number> {
    const instance = this.#instances.get(sessionId);
    if (!instance) return 0;
    Object.assign(instance, { granted: instance.assigned, withdrawn: true });
    this.#instances.loadChanged(instance);
    return instance.reserved;
  }

  async setEligibility(org: string, agentId: string, health: number, intent: AgentIntent): Promise<void> {
    this.#instances.setCondition(org, agentId, { health, intent });
  }

  async reportLoad(org: string, agentId: string, load: LoadReport): Promise<void> {
    const agent = this.#instances.agent(org, agentId);
    agent.report = { load, until: this.#clock.monotonic() + this.#options.reportsLastMs };
  }

  async reserve(max: number): Promise<readonly Reservation[]> {
    this.#reserved.lapse();
    const out: Reservation[] = [];
    while (out.length < max) {
      const lane = this.#lanes.head();
      const entry = lane?.tasks.peek();
      const choice = lane && entry && this.#choose(entry, lane.group);
      if (!lane || !entry || !choice) break;
      this.#ready.takeOut(entry);
      const task = { kind: lane.group.kind, tier: lane.tier, from: entry };
      out.push(this.#reserved.make(entry.taskId, choice, task));
    }
    return out;
  }

  async reserveNew(tasks: readonly ReadyTask[]): Promise<readonly (Reservation | null)[]> {
    this.#reserved.lapse();
    const reservations = new Map<string, Reservation>();
    for (const task of [...tasks].sort(byBandAndScore)) {
      const group = this.#instances.group(task, task.lastAgentId);
      const { taskId, tier } = task;
      const mayGo = this.#lanes.wouldLead(task) && !this.#isHeld(group, tier);
      const choice = mayGo ? this.#choose(task.requirements, group) : null;
      if (!choice) continue;
      reservations.set(taskId, this.#reserved.make(taskId, choice, { kind: group.kind, tier, from: null }));
    }
    return tasks.map(({ taskId }) => reservations.get(taskId) ?? null);
  }

  async confirm(confirmations: readonly Confirmation[]): Promise<void> {
    for (const confirmation of confirmations) this.#reserved.confirm(confirmation);
  }

  async release(releases: readonly Release[]): Promise<void> {
    for (const { reservation, requeue } of releases) this.#reserved.release(reservation, requeue);
  }

  async recordAttempts(ends: readonly AttemptEnd[]): Promise<void> {
    this.#track.add(this.#slots.attempts(ends, this.#clock.monotonic()));
  }

  async freeSlots(claims: readonly Claim[], sessionId?: string): Promise<void> {
    if (sessionId === undefined) for (const claim of claims) this.#reserved.ended(claim);
    this.#slots.free(claims, sessionId, (taskId, org, tier) => {
      if (tier !== null) this.#meter.add(org, tier, 'ended');
      if (this.#places.free(taskId)) this.#listener();
    });
  }

  async nextInFlight(max: number): Promise<readonly Claim[]> {
    return this.#slots.next(max);
  }

  async hintLeases(hints: readonly LeaseHint[], cause: HintCause = 'NEW'): Promise<void> {
    this.#hints.add(hints, cause);
  }

  async dropHints(claims: readonly Claim[]): Promise<void> {
    this.#hints.drop(claims);
  }

  async takeDueHints(max: number): Promise<readonly LeaseHint[]> {
    return this.#hints.take(this.#clock.now(), max);
  }

  onUnready(): void {}

  async setRunning(): Promise<void> {}

  async whyWaiting({ org, taskId }: TaskKey): Promise<Waiting | null> {
    const lane = this.#ready.laneOf(taskId);
    if (lane?.group.org !== org) return null;
    return whyWaiting(lane, this.#instances);
  }

  async place({ org, taskId }: TaskKey): Promise<LanePlace | null> {
    const found = this.#ready.entryOf(taskId);
    if (found?.entry.lane.group.org !== org) return null;
    const { elsewhereUntil, entry } = found;
    const parts = { groups: this.#instances.groups(org), holds: this.#holds, elsewhereUntil };
    return memoryPlace(entry, { ...this.#options, ...parts });
  }

  readonly candidates: ReadyIndex['candidates'] = async (query) =>
    surveyCandidates({ instances: this.#instances, track: this.#track }, query, this.#options);

  async stats(): Promise<IndexStats> {
    const [ready, delayed, reserved, slots] = [this.#ready, this.#delayed, this.#reserved, this.#slots];
    return indexStats({ ready, delayed, reserved, slots, instances: this.#instances });
  }

  async queueSizes(org: string | null, part: QueuePart, headStarts: HeadStarts): Promise<QueueSizes> {
    const groups = this.#instances.groups(org);
    const parts = { delayed: this.#delayed, reservations: this.#reserved, meter: this.#meter };
    return queueSizes(org, part, { groups, headStarts, ...parts });
  }

  async peekQueue(org: string, part: QueuePart, max: number): Promise<readonly PeekedTask[]> {
    return peekQueue(this.#instances.groups(org), part, max);
  }

  #choose(task: TaskFacts, group: Group): Choice | null {
    const { clock, random, strategyOf } = this.#options;
    const strategy = strategyOf(group.org, group.requirements.balancing);
    return choose(strategy, task, group, { now: clock.monotonic(), random });
  }

  #isHeld({ org, kind: { kind } }: Group, tier: Tier): boolean {
    return this.#holds.has(org, kind, tier);
  }

  #holdsChanged(org: string): void {
    for (const group of this.#instances.groups(org)) this.#lanes.holdsChanged(group);
  }
}
