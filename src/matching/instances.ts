import type { Condition, Ineligibility } from '../domain/agents/eligibility.js';
import type { KindRecord } from '../domain/agents/kind-record.js';
import type { Requirements } from '../domain/tasks/requirements.js';
import type { Clock } from '../ports/clock.js';
import type { Instance } from '../ports/ready-index.js';
import { type AgentState, hasCredit, type InstanceState } from './instance-state.js';
import type { Group, LaneTasks } from './lanes.js';
import { type GroupFacts, keyOf, newGroup } from './new-group.js';
import { OrgEligibility, type OrgTerms } from './org-terms.js';

/** Groups that hold no task are kept for their sets of agents up to this many. */
const MAX_GROUPS = 10_000;

const HEALTHY: Condition = { health: 1, intent: 'ACTIVE' };
const NOBODY: ReadonlySet<InstanceState> = new Set();
const NO_GROUPS: ReadonlySet<never> = new Set();

export interface InstancesOptions<Tasks extends LaneTasks> {
  readonly clock: Clock;
  /** The health threshold for tasks that name none. */
  readonly minHealth: number;
  /** What organisations have set; `termsChanged` is to be called when that changes. Default: nothing. */
  readonly terms?: OrgTerms;
  readonly kindOf: (org: string, kind: string) => KindRecord;
  /** Told when an instance has become free for a group, or is no longer. */
  readonly onFreeChanged: (group: Group<Tasks>) => void;
}

/** Instances, the conditions of their agents, and which group they may serve. */
export class Instances<Tasks extends LaneTasks> {
  readonly #bySession = new Map<string, InstanceState>();
  readonly #byOrg = new Map<string, Set<InstanceState>>();
  readonly #groups = new Map<string, Map<string, Group<Tasks>>>();
  readonly #byKind = new Map<KindRecord, Set<Group<Tasks>>>();
  /** The groups in which an instance is eligible. */
  readonly #servedBy = new Map<InstanceState, Set<Group<Tasks>>>();
  readonly #byAgent = new Map<AgentState, Set<InstanceState>>();
  readonly #agents = new Map<string, AgentState>();
  readonly #options: InstancesOptions<Tasks>;
  readonly #eligibility: OrgEligibility;
  /** Processes that an agent ever had at once. */
  #mostOfAgent = 0;

  constructor(options: InstancesOptions<Tasks>) {
    this.#options = options;
    this.#eligibility = new OrgEligibility(options.minHealth, options.terms);
  }

  get size(): number {
    return this.#bySession.size;
  }

  /** Those of an organisation that are connected. */
  connected(org: string): ReadonlySet<InstanceState> {
    return this.#byOrg.get(org) ?? NOBODY;
  }

  slotsOf(org: string): number {
    let sum = 0;
    for (const { slots } of this.connected(org)) sum += slots;
    return sum;
  }

  /** Why an instance may not serve tasks of these requirements; empty if it may. */
  against(state: InstanceState, requirements: Requirements): readonly Ineligibility[] {
    return this.#eligibility.against(state, requirements);
  }

  get(sessionId: string): InstanceState | undefined {
    return this.#bySession.get(sessionId);
  }

  /** @param since when it connected, monotonic, ms. Default now */
  put(instance: Instance, since = this.#options.clock.monotonic()): InstanceState {
    const { org, spec, slots, sessionId } = instance;
    const known = this.#bySession.get(sessionId);
    const state: InstanceState = known ?? {
      org,
      agentId: spec.agentId,
      sessionId,
      agent: this.agent(org, spec.agentId),
      spec,
      slots,
      since,
      inFlight: 0,
      granted: 0,
      assigned: 0,
      lastChosen: 0,
      reserved: 0,
      withdrawn: false,
      requestId: null,
    };
    state.spec = spec;
    state.slots = slots;
    this.#bySession.set(sessionId, state);
    const ofOrg = this.#byOrg.get(org) ?? new Set();
    this.#byOrg.set(org, ofOrg.add(state));
    const ofAgent = this.#byAgent.get(state.agent) ?? new Set();
    this.#byAgent.set(state.agent, ofAgent.add(state));
    this.#mostOfAgent = Math.max(this.#mostOfAgent, ofAgent.size);
    if (!known) this.#servedBy.set(state, new Set());
    this.#sort(state);
    return state;
  }

  drop(sessionId: string): void {
    const state = this.#bySession.get(sessionId);
    if (state === undefined) return;
    this.#bySession.delete(sessionId);
    this.#byOrg.get(state.org)?.delete(state);
    const ofAgent = this.#byAgent.get(state.agent);
    ofAgent?.delete(state);
    if (ofAgent?.size === 0) this.#byAgent.delete(state.agent);
    for (const group of [...this.#servesOf(state)]) this.#leave(group, state);
    this.#servedBy.delete(state);
  }

  /** The connected processes of an agent. */
  ofAgent(org: string, agentId: string): ReadonlySet<InstanceState> {
    return this.#ownOf(org, agentId);
  }

  /** What the processes of an agent share. */
  agent(org: string, agentId: string): AgentState {
    const key = `${org}/${agentId}`;
    const known = this.#agents.get(key);
    if (known) return known;
    const agent: AgentState = { condition: HEALTHY, report: null, isBarred: false };
    this.#agents.set(key, agent);
    return agent;
  }

  setCondition(org: string, agentId: string, condition: Condition): void {
    const agent = this.agent(org, agentId);
    const { health, intent } = agent.condition;
    agent.condition = condition;
    if (health === condition.health && intent === condition.intent) return;
    for (const state of this.#byAgent.get(agent) ?? []) this.#sort(state);
  }

  /** To be called whenever what an instance carries, or when it was chosen, has changed, or its credit may have begun or ended. */
  loadChanged(state: InstanceState): void {
    for (const group of this.#servesOf(state)) {
      const before = group.all.size;
      this.#setFree(group, state);
      this.#tellOthers(group, before);
    }
  }

  /** To be called whenever somebody is held back for a kind, or no longer. */
  holdsChanged(kind: KindRecord): void {
    for (const group of this.#byKind.get(kind) ?? []) {
      for (const state of group.eligible) {
        if (this.#isKeptBack(group, state)) group.unhindered.delete(state);
        else group.unhindered.add(state);
      }
      const before = group.all.size;
      for (const state of group.eligible) this.#setFree(group, state);
      this.#tellOthers(group, before);
    }
  }

  /** To be called whenever what an organisation has set may be another than before, for its agents are sorted by it. */
  termsChanged(org: string): void {
    const all = this.#eligibility.thresholdChanged(org);
    for (const group of [...(this.#groups.get(org)?.values() ?? [])]) {
      if (group.base || (!all && group.requirements.pool === null)) continue;
      // One that holds no task is made anew with the next: pools that nobody asks for are not kept.
      if (group.lanes.size === 0 && group.butOne.size === 0) this.#forget(group);
      else for (const state of this.connected(org)) this.#sortInto(group, state);
    }
  }

  /** The group of a task, if there is one: to make one is to look at every instance. */
  knownGroup({ org, kind, requirements }: GroupFacts, avoid: string | null): Group<Tasks> | undefined {
    return this.#groups.get(org)?.get(keyOf(kind, requirements, avoid));
  }

  /** The group of a task, with the instances that may serve it. @param avoid see `Group` */
  group({ org, kind, requirements }: GroupFacts, avoid: string | null): Group<Tasks> {
    const groups = this.#groups.get(org) ?? new Map<string, Group<Tasks>>();
    this.#groups.set(org, groups);
    const key = keyOf(kind, requirements, avoid);
    const known = groups.get(key);
    if (known) return known;
    if (groups.size >= MAX_GROUPS) {
      for (const g of [...groups.values()]) if (g.lanes.size === 0 && g.butOne.size === 0) this.#forget(g);
    }
    const base = avoid === null ? null : this.group({ org, kind, requirements }, null);
    const group = newGroup<Tasks>({
      ...{ org, key, requirements, avoid, base },
      kind: this.#options.kindOf(org, kind),
      processesOf: (agentId) => this.#ownOf(org, agentId),
    });
    groups.set(key, group);
    if (base && avoid !== null) {
      base.butOne.set(avoid, group);
      if (group.free.size > 0) this.#options.onFreeChanged(group);
      return group;
    }
    this.#byKind.set(group.kind, (this.#byKind.get(group.kind) ?? new Set()).add(group));
    for (const state of this.#byOrg.get(org) ?? []) this.#sortInto(group, state);
    return group;
  }

  /** Groups of retries are many and short-lived: one that holds nothing is not kept. */
  forgetIfSpent(group: Group<Tasks>): void {
    if (group.avoid !== null && group.lanes.size === 0) this.#forget(group);
  }

  /** The groups of an organisation; `null`: of all. */
  *groups(org: string | null): Generator<Group<Tasks>> {
    for (const groups of org === null ? this.#groups.values() : [this.#groups.get(org)]) {
      if (groups) yield* groups.values();
    }
  }

  #forget(group: Group<Tasks>): void {
    if (this.#groups.get(group.org)?.get(group.key) !== group) return;
    this.#groups.get(group.org)?.delete(group.key);
    if (group.base) {
      group.base.butOne.delete(group.avoid ?? '');
      return;
    }
    const ofKind = this.#byKind.get(group.kind);
    ofKind?.delete(group);
    if (ofKind?.size === 0) this.#byKind.delete(group.kind);
    for (const state of group.eligible) this.#servedBy.get(state)?.delete(group);
  }

  #ownOf(org: string, agentId: string): ReadonlySet<InstanceState> {
    const agent = this.#agents.get(`${org}/${agentId}`);
    return (agent && this.#byAgent.get(agent)) ?? NOBODY;
  }

  #servesOf(state: InstanceState): ReadonlySet<Group<Tasks>> {
    return this.#servedBy.get(state) ?? NO_GROUPS;
  }

  #sort(state: InstanceState): void {
    for (const group of this.#groups.get(state.org)?.values() ?? []) {
      if (!group.base) this.#sortInto(group, state);
    }
  }

  /** Of groups that leave an agent out it is told only where it may be the first or the last of the others. */
  #tellOthers(group: Group<Tasks>, before: number): void {
    if (Math.min(before, group.all.size) > this.#mostOfAgent) return;
    for (const one of group.butOne.values()) this.#options.onFreeChanged(one);
  }

  #sortInto(group: Group<Tasks>, state: InstanceState): void {
    if (!this.#eligibility.isEligible(state, group.requirements)) {
      if (group.eligible.has(state)) this.#leave(group, state);
      return;
    }
    const before = group.all.size;
    group.eligible.add(state);
    this.#servedBy.get(state)?.add(group);
    const isFirst = group.unhindered.size === 0;
    if (!this.#isKeptBack(group, state)) group.unhindered.add(state);
    if (isFirst && group.unhindered.size > 0) this.#othersChanged(group);
    this.#setFree(group, state);
    this.#tellOthers(group, before);
  }

  #leave(group: Group<Tasks>, state: InstanceState): void {
    const before = group.all.size;
    group.eligible.delete(state);
    this.#servedBy.get(state)?.delete(group);
    for (const one of [group, ...group.butOne.values()]) one.turns.delete(state.sessionId);
    if (group.all.delete(state)) this.#options.onFreeChanged(group);
    if (group.unhindered.delete(state) && group.unhindered.size === 0) this.#othersChanged(group);
    this.#tellOthers(group, before);
  }

  /** Whoever is kept back serves after all if nobody else could, and no longer once somebody can. */
  #othersChanged(group: Group<Tasks>): void {
    for (const state of group.eligible) if (!group.unhindered.has(state)) this.#setFree(group, state);
  }

  #setFree(group: Group<Tasks>, state: InstanceState): void {
    const isLeftOut = !group.unhindered.has(state) && group.unhindered.size > 0;
    const free = hasCredit(state) && !isLeftOut;
    if (group.all.has(state) === free) {
      group.all.changed(state);
      return;
    }
    if (free) group.all.add(state);
    else group.all.delete(state);
    this.#options.onFreeChanged(group);
  }

  #isKeptBack(group: Group<Tasks>, { agentId }: InstanceState): boolean {
    return group.kind.anyHeld && group.kind.isHeld(agentId, this.#options.clock.monotonic());
  }
}
