import { standingOf } from '../domain/routing/route.js';
import type { Clock } from '../ports/clock.js';
import type { PlanTries, PlanTry } from '../ports/plan-tries.js';
import type { ReadyTask, TaskKey, TaskVersion } from '../ports/ready-index.js';

/** A task for which an agent is to be chosen. Times monotonic, ms. */
export interface ToChoose {
  readonly task: ReadyTask;
  /** When it came here. */
  readonly since: number;
  /** How often a policy was asked without a choice. */
  tries: number;
  /** How often nobody was there who may get it. */
  looks: number;
  /** When it was last looked at. */
  askedAt: number;
  /** Not to be looked at before. */
  notBefore: number;
  /** Why nobody was chosen, as far as the trail knows. */
  told: string;
}

/** A task that waits for the agent that was chosen. Times monotonic, ms. */
export interface Addressed {
  readonly task: ReadyTask;
  readonly agentId: string;
  /** Until when it waits, ms since the epoch; `null`: for the start limit from `since` on. */
  readonly until: number | null;
  readonly since: number;
  /** Since when the agent is not there. `null`: it is. */
  goneSince: number | null;
  /** Not to be looked at before. */
  notBefore: number;
}

/**
 * Tasks that are kept at most. What does not find room is told again by the reconciler: until then it waits,
 * and if it is addressed, in its lane, but for good.
 */
const MAX_TASKS = 100_000;

/** What a coordinator knows of tasks whose agents are found by other means than load balancing. */
export class RouteBook implements PlanTries {
  readonly toChoose = new Map<string, ToChoose>();
  readonly addressed = new Map<string, Addressed>();
  /** When agents of an organisation last came, went or changed, as far as was heard here; monotonic, ms. */
  readonly #agentsChanged = new Map<string, number>();
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #max: number;
  #listener: () => void = () => undefined;

  constructor(clock: Pick<Clock, 'monotonic'>, max = MAX_TASKS) {
    this.#clock = clock;
    this.#max = max;
  }

  get size(): number {
    return this.toChoose.size + this.addressed.size;
  }

  /** Calls `listener` when there is something to choose at once. */
  onWork(listener: () => void): void {
    this.#listener = listener;
  }

  /** Takes a task in by how it stands; one that goes to anybody is forgotten. Older versions are ignored. */
  put(task: ReadyTask): void {
    const key = keyOf(task);
    if (this.#seqOf(key) >= task.seq) return;
    const standing = standingOf(task.requirements.route, task.epoch ?? 0);
    const before = this.toChoose.get(key);
    this.#delete(key);
    if (standing.kind === 'SHARED' || this.size >= this.#max) return;
    const since = this.#clock.monotonic();
    if (standing.kind === 'ADDRESSED') {
      const { agentId, until } = standing;
      this.addressed.set(key, { task, agentId, until, since, goneSince: null, notBefore: since });
      return;
    }
    const fresh = { since, tries: 0, looks: 0, told: '', askedAt: 0, notBefore: since };
    const { notBefore } = before ?? fresh;
    this.toChoose.set(key, { ...fresh, ...before, task });
    if (notBefore <= since) this.#listener();
  }

  /** It does not wait any more, or is to be told again. */
  forget(task: TaskVersion): void {
    const key = keyOf(task);
    if (this.#seqOf(key) <= task.seq) this.#delete(key);
  }

  get(task: TaskKey): ToChoose | undefined {
    return this.toChoose.get(keyOf(task));
  }

  /** How many tasks of an organisation wait for each agent that was chosen; looked at only if some are to be auctioned. */
  addressedOf(org: string, asked: readonly ToChoose[]): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    if (!asked.some(({ task }) => task.requirements.route?.by === 'AUCTION')) return counts;
    for (const { task, agentId } of this.addressed.values()) {
      if (task.org === org) counts.set(agentId, (counts.get(agentId) ?? 0) + 1);
    }
    return counts;
  }

  triesOf(task: TaskKey): PlanTry | null {
    const entry = this.get(task);
    if (!entry) return null;
    return { tries: entry.tries, againInMs: Math.max(0, entry.notBefore - this.#clock.monotonic()) };
  }

  /** Those who had no candidate, or got no answer, are looked at again. */
  agentsChanged(org: string): void {
    if (this.toChoose.size === 0) return;
    this.#agentsChanged.set(org, this.#clock.monotonic());
    this.#listener();
  }

  /** When agents of an organisation last changed. */
  lastChange(org: string): number {
    return this.#agentsChanged.get(org) ?? 0;
  }

  #seqOf(key: string): number {
    return this.toChoose.get(key)?.task.seq ?? this.addressed.get(key)?.task.seq ?? 0;
  }

  #delete(key: string): void {
    this.toChoose.delete(key);
    this.addressed.delete(key);
  }
}

function keyOf({ org, taskId }: TaskKey): string {
  return `${org}/${taskId}`;
}
