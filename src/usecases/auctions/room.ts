import type { AgentStanding } from '../../ports/ready-index.js';

/** Of those that have no room one task may wait for each. */
export class Room {
  readonly #addressed: ReadonlyMap<string, number>;
  readonly #given = new Map<string, number>();

  /** @param addressed tasks that wait for agents, by the agent */
  constructor(addressed: ReadonlyMap<string, number>) {
    this.#addressed = addressed;
  }

  /** Slots that are left when those that wait have theirs: at least 1, it has room; 0, one may wait; less, none. */
  of({ spec: { agentId }, credit }: Pick<AgentStanding, 'spec' | 'credit'>): number {
    return credit - (this.#addressed.get(agentId) ?? 0) - (this.#given.get(agentId) ?? 0);
  }

  give(agentId: string): void {
    this.#given.set(agentId, (this.#given.get(agentId) ?? 0) + 1);
  }
}
