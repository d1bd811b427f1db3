import type { Place } from '../domain/agents/location.js';
import type { Turn } from '../domain/selection/strategy.js';
import type { Requirements } from '../domain/tasks/requirements.js';
import type { Band } from '../domain/tasks/source.js';
import type { Tier } from '../domain/tasks/tier.js';
import { Heap, type HeapItem } from './heap.js';
import type { InstanceState } from './instance-state.js';
import type { KindRecord } from './kind-record.js';

/** A ready task in its lane. */
export interface Entry extends HeapItem {
  readonly taskId: string;
  /** Of the change that put it here. */
  readonly seq: number;
  score: number;
  /** Where it would best be done. */
  readonly prefer: Place | null;
  lane: Lane;
}

/** Ready tasks that share a group, a band and a tier. */
export interface Lane extends HeapItem {
  readonly group: Group;
  readonly band: Band;
  readonly tier: Tier;
  readonly tasks: Heap<Entry>;
  /** Nothing is to be given out from it. */
  held: boolean;
}

/** The lanes of one kind and requirement signature, and the instances that may serve them. */
export interface Group {
  readonly org: string;
  readonly key: string;
  readonly requirements: Requirements;
  readonly kind: KindRecord;
  /** The agent that had these tasks last: they go to another if there is one. */
  readonly avoid: string | null;
  /** By band and tier; only lanes that hold tasks. */
  readonly lanes: Map<string, Lane>;
  /** Instances that meet the requirements. */
  readonly eligible: Set<InstanceState>;
  /** Those of them that have credit and are not kept back. */
  readonly free: Set<InstanceState>;
  /** The strategy's notes, by session. */
  readonly turns: Map<string, Turn>;
}

type Scored = Pick<Entry, 'taskId' | 'score'>;
type Ranked = Scored & Pick<Lane, 'band'>;

const byScore = (a: Scored, b: Scored): number => a.score - b.score || (a.taskId < b.taskId ? -1 : 1);

/** All of HUMAN before all of OTHER, then the lowest score: negative if `a` goes before `b`. */
export function byBandAndScore(a: Ranked, b: Ranked): number {
  return byBand(a, b) || byScore(a, b);
}

function byBand(a: Pick<Lane, 'band'>, b: Pick<Lane, 'band'>): number {
  if (a.band === b.band) return 0;
  return a.band === 'HUMAN' ? -1 : 1;
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
export class Lanes {
  readonly #isHeld: (group: Group, tier: Tier) => boolean;
  readonly #heads = new Heap<Lane>(byHead);

  constructor(isHeld: (group: Group, tier: Tier) => boolean) {
    this.#isHeld = isHeld;
  }

  /** The lane whose first task is next; `undefined` if no lane is runnable. */
  head(): Lane | undefined {
    return this.#heads.peek();
  }

  /** Whether a task would be next if it were in a lane. */
  wouldLead(task: Ranked): boolean {
    const lane = this.head();
    const next = lane?.tasks.peek();
    return !lane || !next || byBandAndScore(task, { ...next, band: lane.band }) < 0;
  }

  insert(group: Group, band: Band, tier: Tier, entry: Entry): void {
    const key = `${band}/${tier}`;
    let lane = group.lanes.get(key);
    if (lane === undefined) {
      const held = this.#isHeld(group, tier);
      lane = { at: -1, group, band, tier, tasks: new Heap<Entry>(byScore), held };
      group.lanes.set(key, lane);
    }
    entry.lane = lane;
    lane.tasks.push(entry);
    this.#place(lane);
  }

  remove(entry: Entry): void {
    const { lane } = entry;
    lane.tasks.remove(entry);
    if (lane.tasks.size === 0) {
      this.#heads.remove(lane);
      lane.group.lanes.delete(`${lane.band}/${lane.tier}`);
    } else this.#place(lane);
  }

  /** Parks or unparks a group's lanes after its set of free instances became empty or not. */
  placeGroup(group: Group): void {
    for (const lane of group.lanes.values()) this.#place(lane);
  }

  /** The same after holds have changed. */
  holdsChanged(group: Group): void {
    for (const lane of group.lanes.values()) lane.held = this.#isHeld(group, lane.tier);
    this.placeGroup(group);
  }

  #place(lane: Lane): void {
    if (lane.held || lane.group.free.size === 0) this.#heads.remove(lane);
    else if (this.#heads.has(lane)) this.#heads.update(lane);
    else this.#heads.push(lane);
  }
}
