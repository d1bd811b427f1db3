import { TIERS, type Tier } from '../domain/tasks/tier.js';
import { Heap } from '../matching/heap.js';
import type { Instances } from '../matching/instances.js';
import { byScore, type Lanes } from '../matching/lanes.js';
import type { Clock } from '../ports/clock.js';
import type { ReadyTask, TaskVersion } from '../ports/ready-index.js';
import { Circle } from './circle.js';
import { DueSet } from './due-set.js';
import type { Entry, MemoryGroup, MemoryLane, MemoryTasks } from './entry.js';

export interface ReadyTasksOptions {
  readonly clock: Clock;
  readonly lanes: Lanes<MemoryTasks>;
  readonly instances: Instances<MemoryTasks>;
  /** Told when tasks have come into a lane by themselves. */
  readonly onMoved: () => void;
}

/** How long a task waits for another agent than the one that had it last. */
const ELSEWHERE_MS = 5_000;

/** The ready tasks by id, each in its lane. */
export class ReadyTasks {
  readonly #options: ReadyTasksOptions;
  readonly #byId = new Map<string, Entry>();
  readonly #perTier = new Map<Tier, number>();
  /** Those that wait for another agent than their last. */
  readonly #elsewhere = new DueSet<Entry>();
  #looking = false;
  readonly #circle = new Circle(() => this.#byId.values());

  constructor(options: ReadyTasksOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Of the change that put it into its lane; 0: it is in none. */
  seqOf(taskId: string): number {
    return this.#byId.get(taskId)?.seq ?? 0;
  }

  get perTier(): Readonly<Record<Tier, number>> {
    const counts = TIERS.map((tier) => [tier, this.#perTier.get(tier) ?? 0]);
    return Object.fromEntries(counts) as Record<Tier, number>;
  }

  /** Where a task is in its lane, and until when it waits for another agent than its last (ms, monotonic). */
  entryOf(taskId: string): { readonly entry: Entry; readonly elsewhereUntil: number | null } | null {
    const entry = this.#byId.get(taskId);
    return entry ? { entry, elsewhereUntil: this.#elsewhere.dueOf(taskId) ?? null } : null;
  }

  /** The lane that a task is in. */
  laneOf(taskId: string): MemoryLane | undefined {
    return this.#byId.get(taskId)?.lane;
  }

  /** The next `max` in a circle. */
  next(max: number): readonly TaskVersion[] {
    return this.#circle.next(max).map(({ taskId, seq, lane }) => ({ org: lane.group.org, taskId, seq }));
  }

  /** Puts a task into its lane, or moves it to its new place. */
  add(task: ReadyTask): void {
    this.delete(task.taskId);
    const { taskId, seq, score, requirements, lastAgentId, band, tier } = task;
    const entry = { at: -1, taskId, seq, score, prefer: requirements.prefer } as Entry;
    this.#insert(this.#options.instances.group(task, lastAgentId), { band, tier }, entry);
  }

  /** Puts a task back that was taken out. */
  putBack(entry: Entry): void {
    this.#moveTo(entry.lane.group.avoid, entry);
  }

  delete(taskId: string): void {
    const entry = this.#byId.get(taskId);
    if (entry) this.takeOut(entry);
  }

  takeOut(entry: Entry): void {
    const { tier, group } = entry.lane;
    this.#byId.delete(entry.taskId);
    this.#elsewhere.delete(entry.taskId);
    this.#perTier.set(tier, (this.#perTier.get(tier) ?? 0) - 1);
    entry.lane.tasks.remove(entry);
    this.#options.lanes.changed(entry.lane);
    this.#options.instances.forgetIfSpent(group);
  }

  /** The group may have been forgotten meanwhile, so it is looked up anew. */
  #moveTo(avoid: string | null, entry: Entry): void {
    const { band, tier, group } = entry.lane;
    const { org, kind, requirements } = group;
    const current = this.#options.instances.group({ org, kind: kind.kind, requirements }, avoid);
    this.#insert(current, { band, tier }, entry);
  }

  #insert(group: MemoryGroup, { band, tier }: Pick<MemoryLane, 'band' | 'tier'>, entry: Entry): void {
    const { lanes } = this.#options;
    entry.lane = lanes.of(group, band, tier, () => new Heap<Entry>(byScore));
    entry.lane.tasks.push(entry);
    lanes.changed(entry.lane);
    this.#note(entry);
  }

  #note(entry: Entry): void {
    const { clock } = this.#options;
    const { tier, group } = entry.lane;
    this.#byId.set(entry.taskId, entry);
    this.#perTier.set(tier, (this.#perTier.get(tier) ?? 0) + 1);
    if (group.avoid === null) return;
    this.#elsewhere.set(entry.taskId, clock.monotonic() + ELSEWHERE_MS, entry);
    if (!this.#looking) this.#look();
  }

  /** Once the first of them has waited long enough. */
  #look(): void {
    const { clock } = this.#options;
    const { next } = this.#elsewhere;
    this.#looking = next !== undefined;
    if (next === undefined) return;
    clock.after(Math.max(0, next - clock.monotonic()), () => {
      this.#settleForAny();
      this.#look();
    });
  }

  /** Tasks that found no other agent in time go to any. */
  #settleForAny(): void {
    const patient = this.#elsewhere.take(this.#options.clock.monotonic(), Number.POSITIVE_INFINITY);
    for (const entry of patient) {
      this.takeOut(entry);
      this.#moveTo(null, entry);
    }
    if (patient.length > 0) this.#options.onMoved();
  }
}
