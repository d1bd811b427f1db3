import type { AgentEntry, AgentIntent, AgentSpec, LoadReport } from '../domain/agents/agent.js';
import { type HealthRules, NO_HEARTBEATS, withBeat } from '../domain/agents/health.js';
import type { AgentRecord } from '../ports/agent-record.js';
import type { Clock } from '../ports/clock.js';
import type { AgentView, Fleet, InstanceView } from '../ports/fleet.js';
import type { AgentKey, Beat } from '../ports/relay.js';
import {
  isSameEntry,
  isSameStanding,
  type Member,
  type Standing,
  standingOf,
  viewOf,
} from './fleet-member.js';
import { FleetMembers } from './fleet-members.js';
import { GatheredKeys } from './gathered-keys.js';

/** The other coordinators, as the fleet knows them. */
export interface FleetElsewhere {
  /** As of when it is known what they hear, ms since the epoch: now, unless they cannot be heard. */
  asOf(): number;
  /** An agent was heard of here; `isNew`: it has connected. */
  beat(org: string, agentId: string, load: LoadReport | null, isNew: boolean): void;
  /** A process has drained and left. */
  left(org: string, agentId: string): void;
  /** What the record holds of an agent was changed here. */
  entryChanged(org: string, agentId: string): void;
}

export interface MemoryFleetOptions {
  readonly record: AgentRecord;
  readonly clock: Clock;
  readonly rules: HealthRules;
  /** The agent's connected processes, wherever. */
  readonly instancesOf: (org: string, agentId: string) => readonly InstanceView[];
  /**
   * Told whenever an agent's health or willingness has changed, for the index. Of several
   * coordinators it is the one that heard the agent last, or changed its intent, that is told.
   */
  readonly onCondition: (org: string, agentId: string, health: number, intent: AgentIntent) => void;
  /** Told whenever an agent reports its load here. */
  readonly onLoad: (org: string, agentId: string, load: LoadReport) => void;
  /** Told whenever anything about an agent may have changed but who is connected and what they hold. */
  readonly onChanged: (org: string, agentId: string) => void;
  /** Default: there are no other coordinators. */
  readonly elsewhere?: FleetElsewhere;
}

const PAGE = 1_000;
/** In this time coordinators that can hear each other know who heard an agent last. */
const SETTLED_MS = 2_000;

/** The fleet as one coordinator sees it: entries from the record, heartbeats and load in memory. */
export class MemoryFleet implements Fleet {
  readonly #options: MemoryFleetOptions;
  readonly #members: FleetMembers;
  readonly #gathered = new GatheredKeys(PAGE, (keys) => this.#read(keys));

  constructor(options: MemoryFleetOptions) {
    this.#options = options;
    this.#members = new FleetMembers(options.elsewhere !== undefined);
  }

  /**
   * Reads all agents from the record. To be awaited before anything else is asked, and called
   * again now and then: for what others have changed and nobody has told of.
   */
  async load(): Promise<void> {
    for (let after: { org: string; agentId: string } | null = null; ; ) {
      const asOf = this.#members.version;
      const page: readonly AgentEntry[] = await this.#options.record.listAgents(after, PAGE);
      for (const entry of page) this.#learn(entry, asOf);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      after = { org: last.org, agentId: last.spec.agentId };
    }
  }

  /** What the record holds of these agents was changed elsewhere. Rejects if it cannot be read. */
  reload(keys: readonly AgentKey[]): Promise<void> {
    return this.#gathered.add(keys);
  }

  get(org: string, agentId: string): AgentView | null {
    const member = this.#members.get(org, agentId);
    return member ? this.#view(member) : null;
  }

  async find(org: string, agentId: string): Promise<AgentView | null> {
    const known = this.get(org, agentId);
    if (!this.#options.elsewhere || (known && known.entry.deregisterTime === null)) return known;
    await this.#read([[org, agentId]]);
    return this.get(org, agentId);
  }

  list(
    org: string,
    afterId: string,
    limit: number,
    accept: (agent: AgentView) => boolean,
  ): readonly AgentView[] {
    const out: AgentView[] = [];
    for (const id of this.#members.idsAfter(org, afterId)) {
      const view = this.get(org, id);
      if (view && accept(view)) out.push(view);
      if (out.length === limit) break;
    }
    return out;
  }

  async register(org: string, spec: AgentSpec): Promise<AgentView> {
    const [entry] = await this.#options.record.registerAgents([{ org, spec }]);
    if (!entry) throw new Error('the record did not answer with the agent');
    const before = this.#members.get(org, spec.agentId)?.entry;
    const member = this.#members.put(entry);
    if (!before || !isSameEntry(before, entry)) this.#options.elsewhere?.entryChanged(org, spec.agentId);
    this.#beat(member, null);
    return this.#view(member);
  }

  async deregister(org: string, agentId: string, actor: string, reason: string): Promise<AgentView | null> {
    return this.#changed(await this.#options.record.deregisterAgent(org, agentId, actor, reason));
  }

  async setIntent(
    org: string,
    agentId: string,
    intent: AgentIntent,
    actor: string,
  ): Promise<AgentView | null> {
    return this.#changed(await this.#options.record.setAgentIntent(org, agentId, intent, actor));
  }

  connected(org: string, agentId: string): void {
    const member = this.#members.get(org, agentId);
    if (!member) return;
    member.heartbeats = NO_HEARTBEATS;
    this.#beat(member, null, true);
  }

  left(org: string, agentId: string): void {
    this.#options.elsewhere?.left(org, agentId);
    this.leftElsewhere(org, agentId);
  }

  /** As `left`, of a process of another coordinator. */
  leftElsewhere(org: string, agentId: string): void {
    const member = this.#members.get(org, agentId);
    if (!member || this.#options.instancesOf(org, agentId).length > 0) return;
    member.hasLeft = true;
    this.#options.onChanged(org, agentId);
  }

  heartbeat(org: string, agentId: string, load: LoadReport | null): boolean {
    const member = this.#members.get(org, agentId);
    if (!member || member.entry.deregisterTime !== null) return false;
    this.#beat(member, load);
    return true;
  }

  /** Another coordinator holds a process of an agent. False: no such agent is known here. */
  seenElsewhere(org: string, agentId: string): boolean {
    const member = this.#members.get(org, agentId);
    // It counts like a heartbeat where none has been heard of.
    if (member?.heartbeats.counted.length === 0) this.heardElsewhere([org, agentId, null, true, 0]);
    return member !== undefined;
  }

  /** Another coordinator has heard of an agent, which it tells the index of. */
  heardElsewhere([org, agentId, load, isNew, agoMs]: Beat): void {
    const member = this.#members.get(org, agentId);
    if (!member) return;
    const { clock, rules } = this.#options;
    const at = Math.max(member.heartbeats.last, clock.now() - agoMs);
    member.heartbeats = withBeat(isNew ? NO_HEARTBEATS : member.heartbeats, at, rules);
    member.heardHere = false;
    member.told = null;
    member.doubtedAt = null;
    member.hasLeft = false;
    member.load = load ?? member.load;
    this.#tell(member);
    this.#options.onChanged(org, agentId);
  }

  /** The index could not be told of an agent; the next sweep tells it again. */
  untold(org: string, agentId: string): void {
    const member = this.#members.get(org, agentId);
    if (member) member.told = null;
  }

  /** The index has forgotten what it was told. */
  tellAgain(): void {
    for (const member of this.#members) member.told = null;
    this.sweep();
  }

  /**
   * The index has this of an agent, whoever told it. One that was frozen or cut off may tell what is
   * long not so any more: what stays other than who heard the agent last has told, is told again.
   */
  async indexed(org: string, agentId: string, standing: Standing): Promise<void> {
    const member = this.#members.get(org, agentId);
    if (!member?.heardHere || member.told === null) return;
    const isAsTold = isSameStanding(member.told, standing);
    member.doubtedAt = isAsTold ? null : (member.doubtedAt ?? this.#options.clock.monotonic());
    // That may be a change which is not known here yet.
    if (standing.intent !== member.told.intent) await this.reload([[org, agentId]]);
  }

  /** Looks at every agent's health; to be called about as often as heartbeats are expected. */
  sweep(): void {
    const settled = this.#options.clock.monotonic() - SETTLED_MS;
    for (const member of this.#members) {
      if (member.doubtedAt !== null && member.doubtedAt <= settled) member.told = null;
      this.#tell(member);
    }
  }

  /** Writes to the record roughly when agents were last heard of. */
  async flush(): Promise<void> {
    const beats = [];
    for (const member of this.#members) {
      if (!member.dirty) continue;
      member.dirty = false;
      const { org, spec } = member.entry;
      beats.push({ org, agentId: spec.agentId, time: member.heartbeats.last });
    }
    if (beats.length > 0) await this.#options.record.touchAgents(beats);
  }

  async #read(keys: readonly AgentKey[]): Promise<void> {
    const asOf = this.#members.version;
    const named = keys.map(([org, agentId]) => ({ org, agentId }));
    for (const entry of await this.#options.record.getAgents(named)) this.#learn(entry, asOf);
  }

  /** @param asOf what was changed after that version is newer than the entry */
  #learn(entry: AgentEntry, asOf: number): void {
    const known = this.#members.get(entry.org, entry.spec.agentId);
    if (known && (known.version > asOf || isSameEntry(known.entry, entry))) return;
    const member = this.#members.put(entry);
    // From now on: while the coordinator was away nobody could have been heard.
    if (!known)
      member.heartbeats = { since: this.#options.clock.now(), last: entry.lastHeartbeatTime, counted: [] };
    this.#tell(member);
    this.#options.onChanged(entry.org, entry.spec.agentId);
  }

  #changed(entry: AgentEntry | null): AgentView | null {
    if (!entry) return null;
    const member = this.#members.put(entry);
    this.#options.elsewhere?.entryChanged(entry.org, entry.spec.agentId);
    this.#tell(member, true);
    this.#options.onChanged(entry.org, entry.spec.agentId);
    return this.#view(member);
  }

  #beat(member: Member, load: LoadReport | null, isNew = false): void {
    const { clock, rules, elsewhere, onLoad, onChanged } = this.#options;
    const { org, spec } = member.entry;
    member.heartbeats = withBeat(member.heartbeats, clock.now(), rules);
    member.heardHere = true;
    member.dirty = true;
    member.hasLeft = false;
    elsewhere?.beat(org, spec.agentId, load, isNew);
    if (load) {
      member.load = load;
      onLoad(org, spec.agentId, load);
    }
    this.#tell(member);
    onChanged(org, spec.agentId);
  }

  /** @param isChange it was changed here, which the index is told whoever hears the agent */
  #tell(member: Member, isChange = false): void {
    const { rules, onCondition, onChanged } = this.#options;
    const { org, spec } = member.entry;
    const standing = standingOf(member, this.#now(member), rules);
    if ((member.heardHere || isChange) && !isSameStanding(member.told, standing)) {
      member.told = standing;
      member.doubtedAt = null;
      onCondition(org, spec.agentId, standing.health, standing.intent);
    }
    if (isSameStanding(member.shown, standing)) return;
    member.shown = standing;
    onChanged(org, spec.agentId);
  }

  #view(member: Member): AgentView {
    const { rules, instancesOf } = this.#options;
    const { org, spec } = member.entry;
    return viewOf(member, instancesOf(org, spec.agentId), this.#now(member), rules);
  }

  /** As of when what is known of its heartbeats counts. */
  #now({ heardHere }: Member): number {
    const { clock, elsewhere } = this.#options;
    return heardHere || !elsewhere ? clock.now() : elsewhere.asOf();
  }
}
