import type { Condition } from '../domain/agents/eligibility.js';
import type { QueuePart } from '../domain/queues/queue-part.js';
import { barAgents } from '../matching/bars.js';
import { Holds } from '../matching/holds.js';
import type { InstanceState } from '../matching/instance-state.js';
import { Instances } from '../matching/instances.js';
import { type Group, type Lane, Lanes } from '../matching/lanes.js';
import { TrackRecord } from '../matching/track-record.js';
import { KnownOrder } from './known-order.js';
import { type KnownTask, KnownTasks, knownTask, knownTasks, pairsIn } from './known-tasks.js';
import type { LaneFacts } from './lane-names.js';
import type { PictureOptions } from './picture-options.js';
import {
  type Counts,
  type JournalEntry,
  type KeptInstance,
  list,
  type News,
  readReport,
  type StepReply,
  type Want,
} from './step.js';

export type KnownLane = Lane<KnownTasks>;
export type KnownGroup = Group<KnownTasks>;

/**
 * What a coordinator knows of the lanes and instances of an organisation: a copy of what Redis has,
 * brought up to date by the news of each step. Which lane is runnable, and who may serve it, is
 * worked out here; it is stored nowhere.
 */
export class Picture {
  readonly lanes: Lanes<KnownTasks>;
  readonly instances: Instances<KnownTasks>;
  readonly track: TrackRecord;
  readonly order: KnownOrder;
  readonly #options: PictureOptions;
  #hasBars = false;
  readonly #facts = new Map<string, LaneFacts>();
  readonly #holders = new Map<string, string>();
  /** The highest number of a choice that is known of. */
  lastChoice = 0;
  /** Names and parts, in turn. */
  namedHolds: readonly string[] = [];
  #holds = new Holds();
  #holdsVersion = '0';
  /** The clock of Redis less the monotonic one, ms, as of the last step. */
  #offset = 0;
  #hasRead = false;
  #isQuiet = false;

  constructor(options: PictureOptions) {
    const { clock, log, minHealth, terms, org } = options;
    this.#options = options;
    this.order = new KnownOrder(options.restShare);
    this.lanes = new Lanes((group, tier) => this.#holds.has(org, group.kind.kind, tier), this.order);
    this.track = new TrackRecord({
      clock,
      log,
      onHoldsChanged: (kind) => this.instances.holdsChanged(kind),
    });
    this.instances = new Instances({
      ...{ clock, minHealth, ...(terms && { terms }) },
      kindOf: (of, kind) => this.track.kind(of, kind),
      onFreeChanged: (group) => {
        this.lanes.placeGroup(group);
        if (group.lanes.size > 0 && !this.#isQuiet) options.onRunnable();
      },
    });
  }

  get org(): string {
    return this.#options.org;
  }

  /** The time by the clock of Redis, ms since the epoch; `undefined`: not known yet. */
  now(): number | undefined {
    return this.#hasRead ? Math.round(this.#options.clock.monotonic() + this.#offset) : undefined;
  }

  get holds(): Pick<Holds, 'of'> {
    return this.#holds;
  }

  /** Of the holds that lanes were placed by. */
  get holdsVersion(): string {
    return this.#holdsVersion;
  }

  /** The coordinator that holds a session. */
  holderOf(sessionId: string): string {
    return this.#holders.get(sessionId) ?? '';
  }

  isOwn(sessionId: string): boolean {
    return this.holderOf(sessionId) === this.#options.me;
  }

  /** The lane of a name, if it has tasks. */
  laneOf(name: string): KnownLane | undefined {
    const facts = this.#facts.get(name);
    return facts && this.#knownGroupOf(facts)?.lanes.get(`${facts.band}/${facts.tier}`);
  }

  isHeld(group: Group, tier: LaneFacts['tier']): boolean {
    return this.#holds.has(this.#options.org, group.kind.kind, tier);
  }

  /** Does what is to tell nobody that a lane may be served. */
  quietly<T>(work: () => T): T {
    const before = this.#isQuiet;
    this.#isQuiet = true;
    try {
      return work();
    } finally {
      this.#isQuiet = before;
    }
  }

  /** A session of this coordinator has granted more: Redis is told in time. */
  granted(sessionId: string, total: number, request: string): void {
    const state = this.instances.get(sessionId);
    if (!state || total <= state.granted) return;
    Object.assign(state, { granted: total, requestId: request || null, withdrawn: false });
    this.instances.loadChanged(state);
  }

  /** A session of this coordinator has one task less: Redis is told in time. */
  freed(sessionId: string): void {
    const state = this.instances.get(sessionId);
    if (!state || state.inFlight === 0) return;
    state.inFlight -= 1;
    this.instances.loadChanged(state);
  }

  /** To be called whenever what `order` says may be another than before. */
  orderChanged(): void {
    this.lanes.orderChanged(this.#options.org);
    const { barsIdle } = this.order;
    if (!barsIdle && !this.#hasBars) return;
    this.#hasBars = barsIdle;
    barAgents(this.instances, this.#options.org, (agentId) => barsIdle && !this.isBusy(agentId));
  }

  /** Whether an agent has a task. */
  isBusy(agentId: string): boolean {
    for (const { inFlight } of this.instances.ofAgent(this.#options.org, agentId)) {
      if (inFlight > 0) return true;
    }
    return false;
  }

  /** @param want what was asked for in the step */
  read(reply: StepReply, want: readonly Want[] = []): void {
    this.quietly(() => this.#read(reply, want));
  }

  #read({ now, news, journal, first, order }: StepReply, want: readonly Want[]): void {
    this.#offset = now - this.#options.clock.monotonic();
    this.#hasRead = true;
    if (news.all) this.#dropAllBut(news);
    for (const [name, facts] of list(news.described)) {
      if (facts) this.#facts.set(name, JSON.parse(facts) as LaneFacts);
      else this.#facts.delete(name);
    }
    for (const [sessionId, what] of list(news.instances)) this.#readInstance(sessionId, what);
    for (const [agentId, condition, report] of list(news.agents)) {
      this.#readAgent(agentId, condition, report);
    }
    for (const [sessionId, counts] of list(news.counts)) this.#readCounts(sessionId, counts);
    if (news.holds) this.#readHolds(...news.holds);
    for (const [name, size, taskId, score, prefer] of list(news.lanes)) {
      this.#setLane(name, size, taskId === '' ? [] : [knownTask(taskId, score, prefer)]);
    }
    list(first).forEach(([name, text, prefers], i) => {
      const lane = this.laneOf(name);
      if (!lane) return;
      lane.tasks.setFirst(knownTasks(text, list(prefers)), want[i]?.[1] ?? 0);
      this.lanes.changed(lane);
    });
    if (this.order.read(order) || this.#hasBars) this.orderChanged();
    this.#readJournal(list(journal[1]));
  }

  #groupOf({ kind, requirements, avoid }: LaneFacts): KnownGroup {
    return this.instances.group({ org: this.#options.org, kind, requirements }, avoid);
  }

  #knownGroupOf({ kind, requirements, avoid }: LaneFacts): KnownGroup | undefined {
    return this.instances.knownGroup({ org: this.#options.org, kind, requirements }, avoid);
  }

  #setLane(name: string, size: number, first: readonly KnownTask[]): void {
    const facts = this.#facts.get(name);
    if (!facts) return;
    const group = size === 0 ? this.#knownGroupOf(facts) : this.#groupOf(facts);
    if (!group || (size === 0 && !group.lanes.has(`${facts.band}/${facts.tier}`))) return;
    const lane = this.lanes.of(group, facts.band, facts.tier, () => new KnownTasks(name));
    lane.tasks.set(size, first);
    this.lanes.changed(lane);
    this.instances.forgetIfSpent(group);
  }

  #readInstance(sessionId: string, what: string | false): void {
    if (!what) {
      this.#holders.delete(sessionId);
      this.instances.drop(sessionId);
      return;
    }
    const { spec, slots, holder, since } = JSON.parse(what) as KeptInstance;
    this.#holders.set(sessionId, holder);
    const { org } = this.#options;
    this.instances.put({ org, sessionId, spec, slots, held: [] }, since - this.#offset);
  }

  #readAgent(agentId: string, condition: string | false, report: string | false): void {
    const { org } = this.#options;
    if (report) {
      const { load, until } = readReport(report);
      this.instances.agent(org, agentId).report = { load, until: until - this.#offset };
    }
    if (!condition) return;
    const read = JSON.parse(condition) as Condition;
    this.instances.setCondition(org, agentId, read);
    this.#options.onCondition(agentId, read);
  }

  #readCounts(sessionId: string, counts: Counts): void {
    const state = this.instances.get(sessionId);
    if (!state) return;
    const [granted, assigned, inFlight, reserved, lastChosen, withdrawn, request] = counts;
    Object.assign(state, {
      granted: Math.max(granted, this.#options.grantedTo(sessionId)),
      assigned,
      inFlight,
      reserved,
      lastChosen,
    } satisfies Partial<InstanceState>);
    this.lastChoice = Math.max(this.lastChoice, lastChosen);
    state.withdrawn = withdrawn === 1;
    state.requestId = request || null;
    this.instances.loadChanged(state);
  }

  #readHolds(version: string, named: Parameters<typeof list<string>>[0]): void {
    const { org } = this.#options;
    this.#holdsVersion = version;
    this.#holds = new Holds();
    const flat = list(named);
    this.namedHolds = flat;
    for (let i = 0; i < flat.length; i += 2) {
      this.#holds.hold(org, JSON.parse(flat[i + 1] as string) as QueuePart, flat[i] as string);
    }
    for (const group of this.instances.groups(org)) this.lanes.holdsChanged(group);
  }

  #readJournal(entries: readonly string[]): void {
    const { org, me } = this.#options;
    const toLocal = (ms: number) => ms - this.#offset;
    for (const text of entries) {
      const { attempts, of = [], probe, by } = JSON.parse(text) as JournalEntry;
      if (attempts) {
        const facts = of.map(([kind, agentId, outcome, began, ended, affinity = null]) => ({
          kind: this.track.kind(org, kind),
          attempt: { agentId, outcome, began: toLocal(began), ended: toLocal(ended) },
          affinity,
        }));
        this.track.add(
          pairsIn(attempts, (taskId, at) => {
            const { attempt, ...of } = facts[Number(at) - 1] as (typeof facts)[number];
            return { ...of, attempt: { taskId, ...attempt } };
          }),
        );
      }
      if (probe && by !== me) this.track.chosen(this.track.kind(org, probe[0]), probe[1]);
    }
  }

  /** Everything is told: what is not, is not there any more. */
  #dropAllBut(news: News): void {
    const there = new Set(list(news.instances).map(([sessionId]) => sessionId));
    for (const sessionId of [...this.#holders.keys()]) {
      if (!there.has(sessionId)) this.#readInstance(sessionId, false);
    }
    const lanes = new Set(list(news.lanes).map(([name]) => name));
    for (const name of [...this.#facts.keys()]) {
      if (lanes.has(name)) continue;
      this.#setLane(name, 0, []);
      this.#facts.delete(name);
    }
  }
}
