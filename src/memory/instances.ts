import { type Condition, isEligible } from '../domain/agents/eligibility.js';
import type { Requirements } from '../domain/tasks/requirements.js';
import type { Instance } from '../ports/ready-index.js';
import type { InstanceState } from './instance-state.js';
import type { Group } from './lanes.js';

/** Groups that hold no task are kept for their sets of agents up to this many. */
const MAX_GROUPS = 10_000;

const HEALTHY: Condition = { health: 1, active: true };

/** Instances, the conditions of their agents, and which group they may serve. */
export class Instances {
  readonly #bySession = new Map<string, InstanceState>();
  readonly #byOrg = new Map<string, Set<InstanceState>>();
  readonly #groups = new Map<string, Map<string, Group>>();
  readonly #conditions = new Map<string, Condition>();
  readonly #minHealth: number;
  readonly #onFreeChanged: (group: Group) => void;

  constructor(minHealth: number, onFreeChanged: (group: Group) => void) {
    this.#minHealth = minHealth;
    this.#onFreeChanged = onFreeChanged;
  }

  get size(): number {
    return this.#bySession.size;
  }

  get(sessionId: string): InstanceState | undefined {
    return this.#bySession.get(sessionId);
  }

  put(instance: Instance): InstanceState {
    const known = this.#bySession.get(instance.sessionId);
    const state: InstanceState = known ?? {
      org: instance.org,
      agentId: instance.spec.agentId,
      sessionId: instance.sessionId,
      spec: instance.spec,
      slots: instance.slots,
      inFlight: 0,
      granted: 0,
      assigned: 0,
      lastChosen: 0,
    };
    state.spec = instance.spec;
    state.slots = instance.slots;
    this.#bySession.set(state.sessionId, state);
    const ofOrg = this.#byOrg.get(state.org) ?? new Set();
    this.#byOrg.set(state.org, ofOrg.add(state));
    this.#sort(state);
    return state;
  }

  drop(sessionId: string): void {
    const state = this.#bySession.get(sessionId);
    if (state === undefined) return;
    this.#bySession.delete(sessionId);
    this.#byOrg.get(state.org)?.delete(state);
    for (const group of this.#groupsOf(state.org)) this.#leave(group, state);
  }

  setCondition(org: string, agentId: string, condition: Condition): void {
    this.#conditions.set(`${org}/${agentId}`, condition);
    for (const state of this.#byOrg.get(org) ?? []) if (state.agentId === agentId) this.#sort(state);
  }

  /** To be called whenever an instance's credit may have begun or ended. */
  creditChanged(state: InstanceState): void {
    const free = state.granted > state.assigned;
    for (const group of this.#groupsOf(state.org)) {
      if (!group.eligible.has(state) || group.free.has(state) === free) continue;
      if (free) group.free.add(state);
      else group.free.delete(state);
      this.#onFreeChanged(group);
    }
  }

  /** The group of a signature, with the instances that may serve it. */
  group(org: string, signature: string, requirements: Requirements): Group {
    const groups = this.#groups.get(org) ?? new Map<string, Group>();
    this.#groups.set(org, groups);
    const known = groups.get(signature);
    if (known) return known;
    if (groups.size >= MAX_GROUPS) {
      for (const [key, g] of groups) if (g.lanes.size === 0) groups.delete(key);
    }
    const group: Group = {
      org,
      signature,
      requirements,
      lanes: new Map(),
      eligible: new Set(),
      free: new Set(),
    };
    groups.set(signature, group);
    for (const state of this.#byOrg.get(org) ?? []) this.#sortInto(group, state);
    return group;
  }

  #groupsOf(org: string): Iterable<Group> {
    return this.#groups.get(org)?.values() ?? [];
  }

  #sort(state: InstanceState): void {
    for (const group of this.#groupsOf(state.org)) this.#sortInto(group, state);
  }

  #sortInto(group: Group, state: InstanceState): void {
    const condition = this.#conditions.get(`${state.org}/${state.agentId}`) ?? HEALTHY;
    if (!isEligible(state.spec, condition, group.requirements, this.#minHealth)) {
      this.#leave(group, state);
      return;
    }
    group.eligible.add(state);
    if (state.granted > state.assigned && !group.free.has(state)) {
      group.free.add(state);
      this.#onFreeChanged(group);
    }
  }

  #leave(group: Group, state: InstanceState): void {
    group.eligible.delete(state);
    if (group.free.delete(state)) this.#onFreeChanged(group);
  }
}
