import type { KindRecord } from '../domain/agents/kind-record.js';
import {
  byBand,
  byBandAndScore,
  byScore,
  type Ranked,
  type Scored,
} from '../domain/order/by-band-and-score.js';
import type { Candidates, Turn } from '../domain/selection/strategy.js';
import type { Requirements } from '../domain/tasks/requirements.js';
import type { Band } from '../domain/tasks/source.js';
import type { Tier } from '../domain/tasks/tier.js';
import type { FreeInstances } from './free-instances.js';
import { Heap, type HeapItem } from './heap.js';
import type { InstanceState } from './instance-state.js';
import { mergedHeads } from './merged-heads.js';

export { byBandAndScore, byScore, type Ranked, type Scored } from '../domain/order/by-band-and-score.js';

/** The tasks of a lane, in order. */
export interface LaneTasks {
  readonly size: number;
  peek(): Scored | undefined;
}

/** Ready tasks that share a group, a band and a tier. */
export interface Lane<Tasks extends LaneTasks = LaneTasks> extends HeapItem {
  readonly group: Group<Tasks>;
  readonly band: Band;
  readonly tier: Tier;
  readonly tasks: Tasks;
  /** Nothing is to be given out from it. */
  held: boolean;
}

/** The lanes of one kind and requirement signature, and the instances that may serve them. */
export interface Group<Tasks extends LaneTasks = LaneTasks> {
  readonly org: string;
  readonly key: string;
  readonly requirements: Requirements;
  readonly kind: KindRecord;
  /** The agent that had these tasks last: they go to another if there is one. */
  readonly avoid: string | null;
  /** By band and tier; only lanes that hold tasks. */
  readonly lanes: Map<string, Lane<Tasks>>;
  /** Instances that meet the requirements. */
  readonly eligible: Set<InstanceState>;
  /** Those of them that are not held back for the kind. */
  readonly unhindered: Set<InstanceState>;
  /** Those that have credit; who had the tasks last, or is held back, only if there is nobody else. */
  readonly free: Candidates<InstanceState> & { readonly size: number };
  /** Those that have credit, of the kept back only if nobody is unhindered, whoever had the tasks last. */
  readonly all: FreeInstances;
  /** That of the same tasks whoever had them last; `null`: it is itself one. It has the sets of the others. */
  readonly base: Group<Tasks> | null;
  /** Of a base: those of tasks that an agent had last, by the agent. */
  readonly butOne: Map<string, Group<Tasks>>;
  /** The strategy's notes, by session. */
  readonly turns: Map<string, Turn>;
}

function byHead(a: Lane, b: Lane): number {
  const x = a.tasks.peek();
  const y = b.tasks.peek();
  return byBand(a, b) || (x && y ? byScore(x, y) : 0);
}

/**
 * The lanes, and `heads`: the runnable ones in the order of their first tasks. A lane is
 * parked (in no order at all) while it has no instance to go to or is held, so nothing ever
 * looks at it in vain.
 */
export class Lanes<Tasks extends LaneTasks> {
  readonly #isHeld: (group: Group, tier: Tier) => boolean;
  readonly #heads = new Heap<Lane<Tasks>>(byHead);

  constructor(isHeld: (group: Group, tier: Tier) => boolean) {
    this.#isHeld = isHeld;
  }

  /** The lane whose first task is next; `undefined` if no lane is runnable. */
  head(): Lane<Tasks> | undefined {
    return this.#heads.peek();
  }

  /** The first `max` runnable lanes. */
  first(max: number): readonly Lane<Tasks>[] {
    return mergedHeads([this.#heads], max, byHead);
  }

  /** Whether a task would be next if it were in a lane. */
  wouldLead(task: Ranked): boolean {
    const lane = this.head();
    const next = lane?.tasks.peek();
    return !lane || !next || byBandAndScore(task, { ...next, band: lane.band }) < 0;
  }

  /** The lane of a group, made by need. */
  of(group: Group<Tasks>, band: Band, tier: Tier, empty: () => Tasks): Lane<Tasks> {
    const key = `${band}/${tier}`;
    const known = group.lanes.get(key);
    if (known) return known;
    const lane = { at: -1, group, band, tier, tasks: empty(), held: this.#isHeld(group, tier) };
    group.lanes.set(key, lane);
    return lane;
  }

  /** To be called when tasks have come into a lane or left it; an empty one is forgotten. */
  changed(lane: Lane<Tasks>): void {
    const key = `${lane.band}/${lane.tier}`;
    if (lane.tasks.size > 0) {
      lane.group.lanes.set(key, lane);
      this.#place(lane);
      return;
    }
    this.#heads.remove(lane);
    lane.group.lanes.delete(key);
  }

  /** Parks or unparks a group's lanes after its set of free instances became empty or not. */
  placeGroup(group: Group<Tasks>): void {
    for (const lane of group.lanes.values()) this.#place(lane);
  }

  /** The same after holds have changed. */
  holdsChanged(group: Group<Tasks>): void {
    for (const lane of group.lanes.values()) lane.held = this.#isHeld(group, lane.tier);
    this.placeGroup(group);
  }

  #place(lane: Lane<Tasks>): void {
    if (lane.held || lane.group.free.size === 0) this.#heads.remove(lane);
    else if (this.#heads.has(lane)) this.#heads.update(lane);
    else this.#heads.push(lane);
  }
}
