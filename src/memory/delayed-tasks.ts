import type { Tier } from '../domain/tasks/tier.js';
import type { DelayedTask, TaskKey, TaskVersion } from '../ports/ready-index.js';
import { Circle } from './circle.js';
import { DueSet } from './due-set.js';

/** Tasks that wait for their time, counted by organisation and tier. */
export class DelayedTasks {
  readonly #due = new DueSet<DelayedTask>();
  readonly #circle = new Circle(() => this.#due.values());
  readonly #counts = new Map<string, Map<Tier, number>>();

  get size(): number {
    return this.#due.size;
  }

  /** The next `max` in a circle. */
  next(max: number): readonly TaskVersion[] {
    return this.#circle.next(max).map(({ org, taskId, seq }) => ({ org, taskId, seq }));
  }

  /** Of the change that it was delayed by; 0: it is not. */
  seqOf(taskId: string): number {
    return this.#due.get(taskId)?.seq ?? 0;
  }

  set(task: DelayedTask): void {
    this.delete(task);
    this.#due.set(task.taskId, task.due, task);
    this.#count(task, 1);
  }

  delete({ taskId }: Pick<TaskKey, 'taskId'>): void {
    const known = this.#due.get(taskId);
    if (known === undefined) return;
    this.#due.delete(taskId);
    this.#count(known, -1);
  }

  take(now: number, max: number): readonly DelayedTask[] {
    const taken = this.#due.take(now, max);
    for (const task of taken) this.#count(task, -1);
    return taken;
  }

  /** @param org `null`: of all */
  countOf(org: string | null, tier: Tier): number {
    const counts = org === null ? [...this.#counts.values()] : [this.#counts.get(org)];
    return counts.reduce((sum, byTier) => sum + (byTier?.get(tier) ?? 0), 0);
  }

  #count({ org, tier }: DelayedTask, n: 1 | -1): void {
    const byTier = this.#counts.get(org) ?? new Map<Tier, number>();
    const count = (byTier.get(tier) ?? 0) + n;
    if (count > 0) byTier.set(tier, count);
    else byTier.delete(tier);
    if (byTier.size > 0) this.#counts.set(org, byTier);
    else this.#counts.delete(org);
  }
}
