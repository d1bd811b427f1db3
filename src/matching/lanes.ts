import type { KindRecord } from '../domain/agents/kind-record.js';
import { byBand, byScore, type Ranked, type Scored } from '../domain/order/by-band-and-score.js';
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
  /** There are some, and none may go: limits are full. Default: false. */
  readonly nothingMayGo?: boolean;
  /** Looks again which may go. Whether the first one has changed. Default: it never does by itself. */
  settle?(): boolean;
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
  readonly free: Candidates<InstanceState> & {
    readonly size: number;
    has(instance: InstanceState): boolean;
  };
  /** Those that have credit, of the kept back only if nobody is unhindered, whoever had the tasks last. */
  readonly all: FreeInstances;
  /** That of the same tasks whoever had them last; `null`: it is itself one. It has the sets of the others. */
  readonly base: Group<Tasks> | null;
  /** Of a base: those of tasks that an agent had last, by the agent. */
  readonly butOne: Map<string, Group<Tasks>>;
  /** The connected processes of an agent, whether they may serve these tasks or not. */
  readonly processesOf: (agentId: string) => ReadonlySet<InstanceState>;
  /** The strategy's notes, by session. */
  readonly turns: Map<string, Turn>;
}

function byHead(a: Lane, b: Lane): number {
  const x = a.tasks.peek();
  const y = b.tasks.peek();
  return byBand(a, b) || (x && y ? byScore(x, y) : 0);
}

/** What the order of lanes goes by besides the scores of their first tasks. */
export interface LaneOrder {
  /** Whether anything of a band may be given out at all. */
  isOpen(org: string, band: Band): boolean;
  /** The band that goes first where both have something to give out. */
  bandFirst(org: string): Band;
}

const BY_BAND: LaneOrder = { isOpen: () => true, bandFirst: () => 'HUMAN' };

/** The runnable lanes of an organisation, in the order of their first tasks. */
interface OrgHeads<Tasks extends LaneTasks> extends HeapItem {
  readonly org: string;
  readonly bands: Readonly<Record<Band, Heap<Lane<Tasks>>>>;
  /** Whose first task is next, as of when they were looked at last. */
  lead: Lane<Tasks> | undefined;
}

/**
 * The lanes, and which of the runnable ones is next. A lane is parked (in no order at all)
 * while it has no instance to go to or is held, or no task that may go, so nothing ever looks at it in vain.
 */
export class Lanes<Tasks extends LaneTasks> {
  readonly #isHeld: (group: Group, tier: Tier) => boolean;
  readonly #order: LaneOrder;
  readonly #orgs = new Map<string, OrgHeads<Tasks>>();
  readonly #heads = new Heap<OrgHeads<Tasks>>((a, b) => (a.lead && b.lead ? byHead(a.lead, b.lead) : 0));

  /** @param order default: all of HUMAN goes first */
  constructor(isHeld: (group: Group, tier: Tier) => boolean, order = BY_BAND) {
    this.#isHeld = isHeld;
    this.#order = order;
  }

  /** The lane whose first task is next; `undefined` if no lane is runnable. */
  head(): Lane<Tasks> | undefined {
    for (;;) {
      const lane = this.#heads.peek()?.lead;
      if (!lane?.tasks.settle?.()) return lane;
      this.#place(lane);
    }
  }

  /** The first `max` runnable lanes. */
  first(max: number): readonly Lane<Tasks>[] {
    const heaps = [...this.#orgs.values()].flatMap(({ bands }) => [bands.HUMAN, bands.OTHER]);
    return mergedHeads(heaps, max, byHead);
  }

  /** Whether a task would be next in its organisation if it were in a lane. */
  wouldLead(task: Ranked & Pick<Group, 'org'>): boolean {
    const { org, band } = task;
    if (!this.#order.isOpen(org, band)) return false;
    const next = this.#firstOf(org, band)?.tasks.peek();
    if (next && byScore(next, task) < 0) return false;
    return !this.#firstOf(org, otherBand(band)) || this.#order.bandFirst(org) === band;
  }

  /** Whether something could be given out of a band now. */
  hasRunnable(org: string, band: Band): boolean {
    return this.#firstOf(org, band) !== undefined;
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

  /** To be called when tasks have come into a lane or left it, or may go or no longer; an empty one is forgotten. */
  changed(lane: Lane<Tasks>): void {
    const key = `${lane.band}/${lane.tier}`;
    if (lane.tasks.size > 0) {
      lane.group.lanes.set(key, lane);
      this.#place(lane);
      return;
    }
    this.#park(lane);
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

  /** To be called whenever what `LaneOrder` says of an organisation may be another than before. */
  orderChanged(org: string): void {
    const heads = this.#orgs.get(org);
    if (heads) this.#placeOrg(heads);
  }

  #firstOf(org: string, band: Band): Lane<Tasks> | undefined {
    if (!this.#order.isOpen(org, band)) return undefined;
    for (;;) {
      const lane = this.#orgs.get(org)?.bands[band].peek();
      if (!lane?.tasks.settle?.()) return lane;
      this.#place(lane);
    }
  }

  #place(lane: Lane<Tasks>): void {
    const { held, group, band, tasks } = lane;
    if (held || group.free.size === 0 || tasks.nothingMayGo) {
      this.#park(lane);
      return;
    }
    const heads = this.#headsOf(group.org);
    const heap = heads.bands[band];
    if (heap.has(lane)) heap.update(lane);
    else heap.push(lane);
    this.#placeOrg(heads);
  }

  #park(lane: Lane<Tasks>): void {
    const heads = this.#orgs.get(lane.group.org);
    if (!heads?.bands[lane.band].has(lane)) return;
    heads.bands[lane.band].remove(lane);
    this.#placeOrg(heads);
  }

  #headsOf(org: string): OrgHeads<Tasks> {
    const known = this.#orgs.get(org);
    if (known) return known;
    const bands = { HUMAN: new Heap<Lane<Tasks>>(byHead), OTHER: new Heap<Lane<Tasks>>(byHead) };
    const made = { at: -1, org, bands, lead: undefined };
    this.#orgs.set(org, made);
    return made;
  }

  #placeOrg(heads: OrgHeads<Tasks>): void {
    const { org, bands } = heads;
    const human = this.#order.isOpen(org, 'HUMAN') ? bands.HUMAN.peek() : undefined;
    const other = this.#order.isOpen(org, 'OTHER') ? bands.OTHER.peek() : undefined;
    const isOthers = human && other && this.#order.bandFirst(org) === 'OTHER';
    heads.lead = isOthers ? other : (human ?? other);
    if (!heads.lead) this.#heads.remove(heads);
    else if (this.#heads.has(heads)) this.#heads.update(heads);
    else this.#heads.push(heads);
  }
}

function otherBand(band: Band): Band {
  return band === 'HUMAN' ? 'OTHER' : 'HUMAN';
}
