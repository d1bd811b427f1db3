import type { AgentIntent, LoadReport } from '../domain/agents/agent.js';
import type { Condition } from '../domain/agents/eligibility.js';
import { byOrg } from '../domain/by-org.js';
import type { LanePlace } from '../domain/explain/lane-place.js';
import type { QueuePart } from '../domain/queues/queue-part.js';
import type { Claim } from '../domain/tasks/lease.js';
import { TIERS, type Tier } from '../domain/tasks/tier.js';
import { surveyCandidates } from '../matching/candidates.js';
import type {
  AttemptEnd,
  CandidateQuery,
  CandidateSurvey,
  Confirmation,
  DelayedTask,
  HintCause,
  IndexStats,
  Instance,
  LeaseHint,
  PeekedTask,
  ReadyIndex,
  ReadyTask,
  Release,
  Reservation,
  TaskKey,
  TaskVersion,
  Waiting,
} from '../ports/ready-index.js';
import type { RedisIndexOptions } from './index-options.js';
import { InstanceWrites } from './instance-writes.js';
import { partOf } from './lane-names.js';
import { LeaseHints } from './lease-hints.js';
import { addTo, type LaneDescription, type Operation } from './operations.js';
import { OrgIndexes } from './org-indexes.js';
import { redisPlace, redisWaiting } from './place.js';
import { indexStats, peekQueue, queueSizes } from './queue-reads.js';
import { Scan } from './scan.js';
import { refusal, takeVictims } from './sending-back.js';

/**
 * The index in Redis, shared by any number of coordinators. What is written while Redis is away is kept and
 * written later; `reserve` and `reserveNew` have nothing to give then, and only what asks how things
 * stand rejects, with UNAVAILABLE (INDEX_UNAVAILABLE).
 */
export class RedisIndex implements ReadyIndex {
  readonly #options: RedisIndexOptions;
  readonly #orgs: OrgIndexes;
  readonly #instances: InstanceWrites;
  readonly #waiting: Scan;
  readonly #delayed: Scan;
  readonly #held: Scan;
  readonly #hints: LeaseHints;

  constructor(options: RedisIndexOptions) {
    this.#options = options;
    this.#orgs = new OrgIndexes(options);
    this.#instances = new InstanceWrites(this.#orgs, options);
    const world = { client: options.client, orgs: () => this.#orgs.all() };
    this.#waiting = new Scan(world, 'waiting');
    this.#delayed = new Scan(world, 'delayed');
    this.#held = new Scan(world, 'held');
    this.#hints = new LeaseHints(options.clock, (hints) => void this.#writeHints(hints, false));
  }

  /**
   * Begins to look after what others do: to be called once, before anything is given out.
   *
   * @returns whether Redis had nothing; of several coordinators only one is told so
   */
  start(): Promise<boolean> {
    return this.#orgs.start();
  }

  /** Writes what waits, for a moment: what this coordinator held is void then, at once. */
  stop(): Promise<void> {
    this.#hints.flush();
    return this.#orgs.stop();
  }

  /** Calls `listener` when Redis has lost what it had: what the record knows has to be told anew. */
  onLost(listener: () => void): void {
    this.#orgs.onLost = listener;
  }

  /** Calls `listener` with what Redis has of an agent, whenever a coordinator has written it. */
  onCondition(listener: (org: string, agentId: string, condition: Condition) => void): void {
    this.#orgs.onCondition = listener;
  }

  onReady(listener: () => void): void {
    this.#orgs.onReady = listener;
  }

  async add(tasks: readonly ReadyTask[], cause: 'NEW' | 'LOADED' = 'NEW'): Promise<void> {
    const toOperation = (task: ReadyTask) => {
      const { name, description } = this.#orgs.names.of(task);
      const part = partOf(task.requirements.keys);
      return [addTo(name, part, task, cause), [name, description]] as const;
    };
    await this.#writeAll(tasks, toOperation, cause === 'LOADED');
  }

  async remove(tasks: readonly TaskVersion[]): Promise<void> {
    await this.#writeAll(tasks, ({ taskId, seq }) => [{ op: 'remove', id: taskId, s: seq }]);
  }

  readonly nextWaiting: ReadyIndex['nextWaiting'] = (max) =>
    this.#waiting.next(max, (org, taskId, seq) => ({ org, taskId, seq }));

  async delay(tasks: readonly DelayedTask[]): Promise<void> {
    await this.#writeAll(tasks, ({ taskId, seq, tier, due }) => [
      { op: 'delay', id: taskId, s: seq, t: tier, due },
    ]);
  }

  nextDelayed(max: number): Promise<readonly TaskVersion[]> {
    return this.#delayed.next(max, (org, taskId, seq) => ({ org, taskId, seq }));
  }

  takeDue(max: number): Promise<readonly DelayedTask[]> {
    type Taken = readonly [string, number, Tier, number];
    return this.#orgs.take<Taken, DelayedTask>(
      max,
      { op: 'takeDelayed', tiers: TIERS, max },
      (org, taken) => {
        const [taskId, seq, tier, due] = taken;
        return { org, taskId, seq, tier, due };
      },
    );
  }

  async hold(org: string, part: QueuePart, name: string): Promise<void> {
    await this.#orgs.of(org).askOrWrite({ op: 'hold', name, part: JSON.stringify(part) });
  }

  async unhold(org: string, name: string): Promise<void> {
    await this.#orgs.of(org).askOrWrite({ op: 'unhold', name });
  }

  putInstance(instance: Instance): Promise<void> {
    return this.#instances.put(instance);
  }

  readonly dropInstance: ReadyIndex['dropInstance'] = (sessionId) => this.#instances.drop(sessionId);

  grant(sessionId: string, grantedTotal: number, requestId: string | null = null): Promise<void> {
    return this.#instances.grant(sessionId, grantedTotal, requestId);
  }

  readonly withdraw: ReadyIndex['withdraw'] = (sessionId) => this.#instances.withdraw(sessionId);

  setEligibility(org: string, agentId: string, health: number, intent: AgentIntent): Promise<void> {
    return this.#instances.setEligibility(org, agentId, health, intent);
  }

  reportLoad(org: string, agentId: string, load: LoadReport): Promise<void> {
    return this.#instances.reportLoad(org, agentId, load);
  }

  reserve(max: number): Promise<readonly Reservation[]> {
    return this.#orgs.reserve(max);
  }

  async reserveNew(tasks: readonly ReadyTask[]): Promise<readonly (Reservation | null)[]> {
    const reserved = new Map<string, Reservation>();
    await Promise.all(
      [...byOrg(tasks)].map(async ([org, ofOrg]) => {
        const made = await this.#orgs
          .of(org)
          .reserveNew(ofOrg)
          .catch(() => []);
        for (const reservation of made) if (reservation) reserved.set(reservation.taskId, reservation);
      }),
    );
    return tasks.map(({ taskId }) => reserved.get(taskId) ?? null);
  }

  async confirm(confirmations: readonly Confirmation[]): Promise<void> {
    for (const { reservation, epoch } of confirmations) {
      const { org, sessionId, taskId } = reservation;
      this.#orgs.of(org).sessions.took(sessionId, taskId, epoch);
    }
    const flat = confirmations.map((c) => ({ ...c, org: c.reservation.org }));
    await this.#writeAll(flat, ({ org, reservation: { taskId, reservationId, sessionId }, epoch, seq }) => {
      const use = this.#orgs.of(org).uses.take(reservationId);
      return [{ op: 'confirm', id: taskId, rid: reservationId, sid: sessionId, e: epoch, s: seq, use }];
    });
  }

  async release(releases: readonly Release[]): Promise<void> {
    const flat = releases.map((r) => ({ ...r, org: r.reservation.org }));
    await this.#writeAll(flat, ({ org, reservation: { taskId, reservationId }, requeue }) => {
      this.#orgs.of(org).uses.take(reservationId);
      return [{ op: 'release', id: taskId, rid: reservationId, requeue }];
    });
  }

  async recordAttempts(ends: readonly AttemptEnd[]): Promise<void> {
    await Promise.all([...byOrg(ends)].map(([org, ofOrg]) => this.#orgs.of(org).recordAttempts(ofOrg)));
  }

  async freeSlots(claims: readonly Claim[], sessionId?: string): Promise<void> {
    const writes = [...byOrg(claims)].map(([org, ofOrg]) => this.#orgs.of(org).free(ofOrg, sessionId));
    await Promise.all(writes);
  }

  nextInFlight(max: number): Promise<readonly Claim[]> {
    return this.#held.next(max, (org, taskId, epoch) => ({ org, taskId, epoch }));
  }

  async hintLeases(hints: readonly LeaseHint[], cause: HintCause = 'NEW'): Promise<void> {
    const loaded = cause === 'LOADED';
    const now = cause === 'CLAIMED' ? this.#hints.keep(hints) : this.#hints.take(hints, loaded);
    await this.#writeHints(now, loaded);
  }

  #writeHints(hints: readonly LeaseHint[], loaded: boolean): Promise<void> {
    return this.#writeAll(hints, ({ taskId, epoch, due }) => [
      { op: 'hint', id: taskId, e: epoch, due, loaded },
    ]);
  }

  async dropHints(claims: readonly Claim[]): Promise<void> {
    await this.#writeAll(this.#hints.drop(claims), ({ taskId, epoch }) => [
      { op: 'dropHint', id: taskId, e: epoch },
    ]);
  }

  takeDueHints(max: number): Promise<readonly LeaseHint[]> {
    type Taken = readonly [string, number, number];
    return this.#orgs.take<Taken, LeaseHint>(max, { op: 'takeDue', name: 'hints', max }, (org, taken) => {
      const [taskId, epoch, due] = taken;
      return { org, taskId, epoch, due };
    });
  }

  onUnready(listener: (org: string) => void): void {
    this.#orgs.onUnready = listener;
  }

  readonly setRunning: ReadyIndex['setRunning'] = (org, ...what) => this.#orgs.of(org).setRunning(...what);

  readonly takeVictims: ReadyIndex['takeVictims'] = async (org, query) =>
    takeVictims(this.#orgs.of(org), query, this.#options);

  readonly refuseVictims: ReadyIndex['refuseVictims'] = async (org, victims) =>
    this.#orgs.of(org).write([refusal(victims, this.#orgs.of(org).picture.now() ?? 0)]);

  async whyWaiting(task: TaskKey): Promise<Waiting | null> {
    return redisWaiting(this.#orgs.of(task.org), task, this.#options);
  }

  async place(task: TaskKey): Promise<LanePlace | null> {
    return redisPlace(this.#orgs.of(task.org), task, this.#options);
  }

  async candidates(query: CandidateQuery): Promise<CandidateSurvey> {
    const index = this.#orgs.of(query.org);
    await index.look();
    return surveyCandidates(index.picture, query, this.#options);
  }

  async stats(): Promise<IndexStats> {
    return indexStats(await this.#orgs.looked(null), this.#options);
  }

  readonly queueSizes: ReadyIndex['queueSizes'] = async (org, part, headStarts, standBack) =>
    queueSizes(await this.#orgs.looked(org), org, part, { ...this.#options, headStarts, standBack });

  async peekQueue(org: string, part: QueuePart, max: number): Promise<readonly PeekedTask[]> {
    const [index] = await this.#orgs.looked(org);
    return index ? peekQueue(index, part, max, this.#options.client) : [];
  }

  /** Deadlines are kept beside the hints. */
  get orgs(): Pick<OrgIndexes, 'of' | 'take'> {
    return this.#orgs;
  }

  async #writeAll<T extends { readonly org: string }>(
    items: readonly T[],
    toOperation: (item: T) => readonly [Operation, (readonly [string, LaneDescription])?],
    isPatient = false,
  ): Promise<void> {
    const writes = [...byOrg(items)].map(([org, ofOrg]) => {
      const operations: Operation[] = [];
      const lanes: Record<string, LaneDescription> = {};
      for (const item of ofOrg) {
        const [operation, lane] = toOperation(item);
        operations.push(operation);
        if (lane) lanes[lane[0]] = lane[1];
      }
      return this.#orgs.of(org).write(operations, lanes, isPatient);
    });
    await Promise.all(writes);
  }
}
