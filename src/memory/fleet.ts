import type { AgentEntry, AgentIntent, AgentSpec, AgentStatus, LoadReport } from '../domain/agents/agent.js';
import {
  type HealthRules,
  type Heartbeats,
  healthScore,
  isStale,
  NO_HEARTBEATS,
  withBeat,
} from '../domain/agents/health.js';
import type { AgentRecord } from '../ports/agent-record.js';
import type { Clock } from '../ports/clock.js';
import type { AgentView, Fleet, InstanceView } from '../ports/fleet.js';

export interface MemoryFleetOptions {
  readonly record: AgentRecord;
  readonly clock: Clock;
  readonly rules: HealthRules;
  /** The agent's connected processes. */
  readonly instancesOf: (org: string, agentId: string) => readonly InstanceView[];
  /** Told whenever an agent's health or willingness has changed. */
  readonly onCondition: (org: string, agentId: string, health: number, intent: AgentIntent) => void;
  /** Told whenever an agent reports its load. */
  readonly onLoad: (org: string, agentId: string, load: LoadReport) => void;
  /** Told whenever anything about an agent may have changed but who is connected and what they hold. */
  readonly onChanged: (org: string, agentId: string) => void;
}

interface Member {
  entry: AgentEntry;
  heartbeats: Heartbeats;
  load: LoadReport | null;
  /** What `onCondition` was last told. */
  told: { health: number; intent: AgentIntent } | null;
  /** It has drained and gone, and was not heard of since. */
  hasLeft: boolean;
  /** Heard of since the record was last touched. */
  dirty: boolean;
}

const LOAD_PAGE = 1_000;

/** The fleet inside one process: entries from the record, heartbeats and load in memory. */
export class MemoryFleet implements Fleet {
  readonly #options: MemoryFleetOptions;
  readonly #orgs = new Map<string, Map<string, Member>>();

  constructor(options: MemoryFleetOptions) {
    this.#options = options;
  }

  /** Reads all agents from the record. To be awaited before anything else is asked. */
  async load(): Promise<void> {
    let after: { org: string; agentId: string } | null = null;
    for (;;) {
      const page: readonly AgentEntry[] = await this.#options.record.listAgents(after, LOAD_PAGE);
      for (const entry of page) {
        const member = this.#member(entry);
        // From now on: while the coordinator was away nobody could have been heard.
        member.heartbeats = { since: this.#options.clock.now(), last: entry.lastHeartbeatTime, counted: [] };
      }
      const last = page.at(-1);
      if (last === undefined || page.length < LOAD_PAGE) return;
      after = { org: last.org, agentId: last.spec.agentId };
    }
  }

  get(org: string, agentId: string): AgentView | null {
    const member = this.#orgs.get(org)?.get(agentId);
    return member ? this.#view(member) : null;
  }

  list(
    org: string,
    afterId: string,
    limit: number,
    accept: (agent: AgentView) => boolean,
  ): readonly AgentView[] {
    const ids = [...(this.#orgs.get(org)?.keys() ?? [])].filter((id) => id > afterId).sort();
    const out: AgentView[] = [];
    for (const id of ids) {
      const view = this.get(org, id);
      if (view && accept(view)) out.push(view);
      if (out.length === limit) break;
    }
    return out;
  }

  async register(org: string, spec: AgentSpec): Promise<AgentView> {
    const [entry] = await this.#options.record.registerAgents([{ org, spec }]);
    if (!entry) throw new Error('the record did not answer with the agent');
    const member = this.#member(entry);
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
    const member = this.#orgs.get(org)?.get(agentId);
    if (!member) return;
    member.heartbeats = NO_HEARTBEATS;
    this.#beat(member, null);
  }

  left(org: string, agentId: string): void {
    const member = this.#orgs.get(org)?.get(agentId);
    if (!member || this.#options.instancesOf(org, agentId).length > 0) return;
    member.hasLeft = true;
    this.#options.onChanged(org, agentId);
  }

  heartbeat(org: string, agentId: string, load: LoadReport | null): boolean {
    const member = this.#orgs.get(org)?.get(agentId);
    if (!member || member.entry.deregisterTime !== null) return false;
    this.#beat(member, load);
    return true;
  }

  /** Looks at every agent's health; to be called about as often as heartbeats are expected. */
  sweep(): void {
    for (const members of this.#orgs.values()) for (const member of members.values()) this.#tell(member);
  }

  /** Writes to the record roughly when agents were last heard of. */
  async flush(): Promise<void> {
    const beats = [];
    for (const members of this.#orgs.values()) {
      for (const member of members.values()) {
        if (!member.dirty) continue;
        member.dirty = false;
        const { org, spec } = member.entry;
        beats.push({ org, agentId: spec.agentId, time: member.heartbeats.last });
      }
    }
    if (beats.length > 0) await this.#options.record.touchAgents(beats);
  }

  #member(entry: AgentEntry): Member {
    const members = this.#orgs.get(entry.org) ?? new Map<string, Member>();
    this.#orgs.set(entry.org, members);
    const known = members.get(entry.spec.agentId);
    if (known) {
      known.entry = entry;
      return known;
    }
    const member: Member = {
      entry,
      heartbeats: NO_HEARTBEATS,
      load: null,
      told: null,
      hasLeft: false,
      dirty: false,
    };
    members.set(entry.spec.agentId, member);
    return member;
  }

  #changed(entry: AgentEntry | null): AgentView | null {
    if (!entry) return null;
    const member = this.#member(entry);
    this.#tell(member);
    this.#options.onChanged(entry.org, entry.spec.agentId);
    return this.#view(member);
  }

  #beat(member: Member, load: LoadReport | null): void {
    const { clock, rules } = this.#options;
    member.heartbeats = withBeat(member.heartbeats, clock.now(), rules);
    member.dirty = true;
    member.hasLeft = false;
    if (load) {
      member.load = load;
      this.#options.onLoad(member.entry.org, member.entry.spec.agentId, load);
    }
    this.#tell(member);
    this.#options.onChanged(member.entry.org, member.entry.spec.agentId);
  }

  #tell(member: Member): void {
    const { clock, rules, onCondition, onChanged } = this.#options;
    const health = healthScore(member.heartbeats, clock.now(), rules);
    const intent = intentOf(member.entry);
    if (member.told?.health === health && member.told.intent === intent) return;
    member.told = { health, intent };
    onCondition(member.entry.org, member.entry.spec.agentId, health, intent);
    onChanged(member.entry.org, member.entry.spec.agentId);
  }

  #view(member: Member): AgentView {
    const { clock, rules, instancesOf } = this.#options;
    const { entry, heartbeats } = member;
    const instances = instancesOf(entry.org, entry.spec.agentId);
    const sum = (of: (i: InstanceView) => number) => instances.reduce((n, i) => n + of(i), 0);
    const slots = sum((i) => i.slots);
    const inFlight = sum((i) => i.inFlight);
    return {
      entry,
      status: statusOf(entry, {
        left: member.hasLeft && instances.length === 0,
        draining: instances.length > 0 && instances.every((i) => i.draining),
        stale: isStale(heartbeats, clock.now(), rules),
        busy: slots > 0 && inFlight >= slots,
      }),
      healthScore: healthScore(heartbeats, clock.now(), rules),
      lastHeartbeatTime: heartbeats.last,
      load: member.load,
      inFlight,
      slots,
      // What it asks for, it does not get.
      credit: intentOf(entry) === 'ACTIVE' ? sum((i) => i.credit) : 0,
      instances,
    };
  }
}

interface Seen {
  readonly left: boolean;
  readonly draining: boolean;
  readonly stale: boolean;
  readonly busy: boolean;
}

function statusOf(entry: AgentEntry, seen: Seen): AgentStatus {
  const intent = intentOf(entry);
  if (intent !== 'ACTIVE') return intent;
  if (seen.left) return 'INACTIVE';
  if (seen.stale) return 'STALE';
  if (seen.draining) return 'DRAINING';
  return seen.busy ? 'BUSY' : 'ACTIVE';
}

function intentOf({ intent, deregisterTime }: AgentEntry): AgentIntent {
  return deregisterTime === null ? intent : 'INACTIVE';
}
