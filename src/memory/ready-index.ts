import type { LoadReport } from '../domain/agents/agent.js';
import type { QueuePart } from '../domain/queues/queue-part.js';
import type { Claim } from '../domain/tasks/lease.js';
import type { Tier } from '../domain/tasks/tier.js';
import { barAgents } from '../matching/bars.js';
import { surveyCandidates } from '../matching/candidates.js';
import { Holds } from '../matching/holds.js';
import { Instances } from '../matching/instances.js';
import { type Group, Lanes } from '../matching/lanes.js';
import type { MatchingOptions } from '../matching/matching-options.js';
import { TrackRecord } from '../matching/track-record.js';
import { whyWaiting } from '../matching/why-waiting.js';
import type { Clock } from '../ports/clock.js';
import type { Instance, ReadyIndex, ReadyTask } from '../ports/ready-index.js';
import { DelayedTasks } from './delayed-tasks.js';
import type { MemoryTasks } from './entry.js';
import { indexStats } from './index-stats.js';
import { LeaseHints } from './lease-hints.js';
import { Usage } from './limits/usage.js';
import { memoryPlace } from './place.js';
import { Pop } from './pop.js';
import { QueueMeter } from './queue-meter.js';
import { peekQueue, queueSizes } from './queue-view.js';
import { ReadyTasks } from './ready-tasks.js';
import { Reservations } from './reservations.js';
import { SendingBack } from './sending-back.js';
import { Slots } from './slots.js';
import { type Cause, TaskPlaces } from './task-places.js';
import { UnreadyOrgs } from './unready-orgs.js';

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
  readonly #usage: Usage;
  readonly #lanes: Lanes<MemoryTasks>;
  readonly #instances: Instances<MemoryTasks>;
  readonly #ready: ReadyTasks;
  readonly #reserved: Reservations;
  readonly #slots: Slots;
  readonly #delayed = new DelayedTasks();
  readonly #places: TaskPlaces;
  readonly #pop: Pop;
  readonly #sendingBack: SendingBack;
  readonly #hints = new LeaseHints();
  readonly #unready = new UnreadyOrgs();
  #listener: () => void = () => undefined;

  constructor(options: MemoryIndexOptions) {
    const { clock, log, minHealth, terms } = options;
    this.#options = options;
    this.#clock = clock;
    this.#meter = new QueueMeter(clock);
    this.#usage = new Usage({
      ...options,
      slotsOf: (org) => this.#instances.slotsOf(org),
      onChanged: (org) => this.#usageChanged(org),
      onUnready: (org) => this.#unready.add(org),
    });
    this.#lanes = new Lanes((group, tier) => this.#isHeld(group, tier), this.#usage);
    this.#slots = new Slots({
      onLoadChanged: (instance) => this.#instances.loadChanged(instance),
      onOver: (use) => this.#usage.end(use),
    });
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
    options.orderTerms?.onChanged((org) => {
      this.#usage.limitsChanged(org);
      if (this.#lanes.head()) this.#listener();
    });
    this.#ready = new ReadyTasks({
      clock,
      lanes: this.#lanes,
      instances: this.#instances,
      keyUse: (org, limit) => this.#usage.of(org).keyUse(limit),
      onMoved: () => this.#listener(),
    });
    this.#reserved = new Reservations({
      clock,
      track: this.#track,
      instances: this.#instances,
      slots: this.#slots,
      onUndone: (use) => this.#usage.undo(use),
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
    this.#pop = new Pop({
      ...options,
      ...{ lanes: this.#lanes, instances: this.#instances, usage: this.#usage },
      ...{ ready: this.#ready, reserved: this.#reserved, track: this.#track },
      isHeld: (group, tier) => this.#isHeld(group, tier),
    });
    const [ready, delayed, reserved, slots] = [this.#ready, this.#delayed, this.#reserved, this.#slots];
    this.#sendingBack = new SendingBack({
      ...options,
      instances: this.#instances,
      slots,
      usage: this.#usage,
    });
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

  readonly remove: ReadyIndex['remove'] = async (tasks) => {
    for (const task of tasks) this.#places.remove(task);
  };

  readonly nextWaiting: ReadyIndex['nextWaiting'] = async (max) => this.#ready.next(max);
  readonly delay: ReadyIndex['delay'] = async (tasks) => {
    for (const task of tasks) this.#places.delay(task);
  };
  readonly nextDelayed: ReadyIndex['nextDelayed'] = async (max) => this.#delayed.next(max);
  readonly takeDue: ReadyIndex['takeDue'] = async (max) => this.#delayed.take(this.#clock.now(), max);

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
    this.#connectedChanged(instance.org);
  }

  async dropInstance(sessionId: string): Promise<void> {
    const org = this.#instances.get(sessionId)?.org;
    this.#instances.drop(sessionId);
    if (org !== undefined) this.#connectedChanged(org);
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

  readonly setEligibility: ReadyIndex['setEligibility'] = async (org, agentId, health, intent) =>
    this.#instances.setCondition(org, agentId, { health, intent });

  async reportLoad(org: string, agentId: string, load: LoadReport): Promise<void> {
    const agent = this.#instances.agent(org, agentId);
    agent.report = { load, until: this.#clock.monotonic() + this.#options.reportsLastMs };
  }

  readonly reserve: ReadyIndex['reserve'] = async (max) => this.#pop.next(max);
  readonly reserveNew: ReadyIndex['reserveNew'] = async (tasks) => this.#pop.fresh(tasks);

  readonly confirm: ReadyIndex['confirm'] = async (confirmations) => {
    for (const confirmation of confirmations) this.#reserved.confirm(confirmation);
  };

  readonly release: ReadyIndex['release'] = async (releases) => {
    for (const { reservation, requeue } of releases) this.#reserved.release(reservation, requeue);
  };

  readonly recordAttempts: ReadyIndex['recordAttempts'] = async (ends) =>
    this.#track.add(this.#slots.attempts(ends, this.#clock.monotonic()));

  async freeSlots(claims: readonly Claim[], sessionId?: string): Promise<void> {
    if (sessionId === undefined) for (const claim of claims) this.#reserved.ended(claim);
    this.#slots.free(claims, sessionId, (taskId, org, tier) => {
      if (tier !== null) this.#meter.add(org, tier, 'ended');
      if (this.#places.free(taskId)) this.#listener();
    });
  }

  readonly nextInFlight: ReadyIndex['nextInFlight'] = async (max) => this.#slots.next(max);
  readonly hintLeases: ReadyIndex['hintLeases'] = async (hints, cause = 'NEW') =>
    this.#hints.add(hints, cause);
  readonly dropHints: ReadyIndex['dropHints'] = async (claims) => this.#hints.drop(claims);

  readonly takeDueHints: ReadyIndex['takeDueHints'] = async (max) => this.#hints.take(this.#clock.now(), max);

  onUnready(listener: (org: string) => void): void {
    this.#unready.listen(listener);
  }

  readonly setRunning: ReadyIndex['setRunning'] = async (org, running, starts) => {
    for (const { agentId, band, tier, seq, requirements, ...claim } of running) {
      if (this.#reserved.has(claim.taskId)) continue;
      const task = { org, band, keys: requirements.keys };
      this.#slots.know(claim, { seq, tier }, () => this.#usage.add(agentId, task));
    }
    this.#usage.setReady(org, starts);
    this.#listener();
  };

  readonly takeVictims: ReadyIndex['takeVictims'] = async (...asked) => this.#sendingBack.take(...asked);
  readonly refuseVictims: ReadyIndex['refuseVictims'] = async (...told) => this.#sendingBack.refuse(...told);

  readonly whyWaiting: ReadyIndex['whyWaiting'] = async ({ org, taskId }) => {
    const entry = this.#ready.entryOf(taskId)?.entry;
    if (entry?.lane.group.org !== org) return null;
    return whyWaiting(entry.lane, this.#instances, this.#usage.against(entry));
  };

  readonly place: ReadyIndex['place'] = async ({ org, taskId }) => {
    const found = this.#ready.entryOf(taskId);
    if (found?.entry.lane.group.org !== org) return null;
    const { elsewhereUntil, entry } = found;
    const limits = this.#usage.against(entry);
    const victim = this.#sendingBack.victimFor(org, taskId);
    const parts = { groups: this.#instances.groups(org), holds: this.#holds, elsewhereUntil, limits, victim };
    return memoryPlace(entry, { ...this.#options, ...parts, track: this.#track });
  };

  readonly candidates: ReadyIndex['candidates'] = async (query) =>
    surveyCandidates({ instances: this.#instances, track: this.#track }, query, this.#options);

  readonly stats: ReadyIndex['stats'] = async () => {
    const [ready, delayed, reserved, slots] = [this.#ready, this.#delayed, this.#reserved, this.#slots];
    return indexStats({ ready, delayed, reserved, slots, instances: this.#instances });
  };

  readonly queueSizes: ReadyIndex['queueSizes'] = async (org, part, headStarts, standBack) => {
    const groups = this.#instances.groups(org);
    const parts = { delayed: this.#delayed, reservations: this.#reserved, meter: this.#meter };
    return queueSizes(org, part, { groups, headStarts, standBack, ...parts });
  };

  readonly peekQueue: ReadyIndex['peekQueue'] = async (org, part, max) =>
    peekQueue(this.#instances.groups(org), part, max);

  #connectedChanged(org: string): void {
    this.#usage.of(org).connectedChanged();
    this.#usageChanged(org);
  }

  /** More or less of an organisation may go, or to others. */
  #usageChanged(org: string): void {
    const use = this.#usage.of(org);
    if (use.barsChanged()) barAgents(this.#instances, org, (agentId) => use.isBarred(agentId));
    this.#lanes.orderChanged(org);
    if (use.isLimited && this.#lanes.head()) this.#listener();
  }

  #isHeld({ org, kind: { kind } }: Group, tier: Tier): boolean {
    return this.#holds.has(org, kind, tier);
  }

  #holdsChanged(org: string): void {
    for (const group of this.#instances.groups(org)) this.#lanes.holdsChanged(group);
  }
}
