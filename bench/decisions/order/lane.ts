import { byScore, type Scored } from '../../../src/domain/order/by-band-and-score.js';
import { byTurn, servedAfter, servedOnReturn, type Turn } from '../../../src/domain/order/turns.js';
import type { Band } from '../../../src/domain/tasks/source.js';
import { Sorted } from '../sorted.js';
import type { Job } from './job.js';

export interface Waiting extends Scored {
  readonly job: Job;
}

interface Key {
  served: number;
  readonly tasks: Sorted<Waiting>;
}

/** Tasks of the same kind, band and tier, whose fairness keys take turns. */
export class Lane {
  readonly band: Band;
  readonly #keys = new Map<string | null, Key>();

  constructor(band: Band) {
    this.band = band;
  }

  add(task: Waiting): void {
    const { fairnessKey } = task.job;
    const known = this.#keys.get(fairnessKey);
    const key = known ?? { served: 0, tasks: new Sorted<Waiting>(byScore) };
    if (key.tasks.size === 0) key.served = servedOnReturn(known?.served, this.#leastServed());
    this.#keys.set(fairnessKey, key);
    key.tasks.add(task);
  }

  /** The one whose turn it is. */
  first(now: number): Waiting | undefined {
    return this.#turn(now)?.tasks.first();
  }

  take(now: number): Waiting | undefined {
    return this.#turn(now)?.tasks.take();
  }

  charge(fairnessKey: string | null, ms: number): void {
    const key = this.#keys.get(fairnessKey);
    if (key) key.served = servedAfter(key.served, ms, 1);
  }

  #leastServed(): number | undefined {
    let least: number | undefined;
    for (const { served, tasks } of this.#keys.values()) {
      if (tasks.size > 0) least = Math.min(served, least ?? served);
    }
    return least;
  }

  #turn(now: number): Key | undefined {
    let best: (Turn & { readonly key: Key }) | undefined;
    for (const key of this.#keys.values()) {
      const first = key.tasks.first();
      if (!first) continue;
      const turn = { key, served: key.served, score: first.score };
      if (!best || byTurn(turn, best, now) < 0) best = turn;
    }
    return best?.key;
  }
}
