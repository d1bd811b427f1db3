import type { Candidates, Order } from '../domain/selection/strategy.js';
import type { FreeInstances } from './free-instances.js';
import { hasCredit, type InstanceState } from './instance-state.js';

/** Who may serve tasks whatever agent had them last. */
interface Everybody {
  readonly eligible: ReadonlySet<InstanceState>;
  readonly unhindered: ReadonlySet<InstanceState>;
  readonly all: FreeInstances;
}

/**
 * Those who are free for tasks that one agent had last: all others, or anybody with credit if there are
 * none. A view: such groups are as many as tasks that were returned, and each agent may serve all of them.
 */
export class FreeButOne implements Candidates<InstanceState> {
  readonly #everybody: Everybody;
  readonly #agentId: string;
  readonly #own: () => ReadonlySet<InstanceState>;

  /** @param own the connected processes of that agent */
  constructor(everybody: Everybody, agentId: string, own: () => ReadonlySet<InstanceState>) {
    this.#everybody = everybody;
    this.#agentId = agentId;
    this.#own = own;
  }

  get size(): number {
    const { all } = this.#everybody;
    if (this.#hasOthers) return all.size - this.#ownIn(all);
    return [...this].length;
  }

  *[Symbol.iterator](): Iterator<InstanceState> {
    const { all, eligible } = this.#everybody;
    if (this.#hasOthers) for (const one of all) if (one.agentId !== this.#agentId) yield one;
    if (!this.#hasOthers) for (const one of eligible) if (hasCredit(one)) yield one;
  }

  has(one: InstanceState): boolean {
    const { all, eligible } = this.#everybody;
    if (this.#hasOthers) return one.agentId !== this.#agentId && all.has(one);
    return eligible.has(one) && hasCredit(one);
  }

  first(order: Order): InstanceState | null {
    if (this.#hasOthers) return this.#everybody.all.first(order, this.#agentId);
    return [...this].sort(order)[0] ?? null;
  }

  second(order: Order): InstanceState | null {
    if (this.#hasOthers) return this.#everybody.all.second(order, this.#agentId);
    return [...this].sort(order)[1] ?? null;
  }

  get #hasOthers(): boolean {
    const { unhindered } = this.#everybody;
    return unhindered.size > this.#ownIn(unhindered);
  }

  #ownIn(some: { has(one: InstanceState): boolean }): number {
    let count = 0;
    for (const one of this.#own()) if (some.has(one)) count += 1;
    return count;
  }
}
