/** For how long an agent counts as warm after a task of a key, in ms. */
export const WARM_FOR_MS = 10 * 60_000;
/** Agents of a key that are remembered: tasks of one key that run side by side warm several. */
const MAX_AGENTS = 4;
/** Keys that are remembered; the one that was used longest ago is forgotten first. */
const MAX_KEYS = 10_000;

/** Which agents did tasks of which affinity key lately, of one organisation. Soft: what is forgotten costs a cold start. */
export class WarmAgents {
  /** By key, the last used last; by agent, since when. */
  readonly #keys = new Map<string, Map<string, number>>();

  get size(): number {
    return this.#keys.size;
  }

  /** An agent has ended a task of the key. */
  used(key: string, agentId: string, now: number): void {
    const agents = this.#keys.get(key) ?? new Map<string, number>();
    agents.delete(agentId);
    agents.set(agentId, now);
    dropFirst(agents, MAX_AGENTS);
    this.#keys.delete(key);
    this.#keys.set(key, agents);
    dropFirst(this.#keys, MAX_KEYS);
  }

  /** The last first. */
  of(key: string, now: number): readonly string[] {
    const agents = [...(this.#keys.get(key) ?? [])];
    return agents
      .filter(([, at]) => now - at <= WARM_FOR_MS)
      .map(([agentId]) => agentId)
      .reverse();
  }

  /** It is gone, and what it had with it. */
  forget(agentId: string): void {
    for (const [key, agents] of this.#keys) {
      if (agents.delete(agentId) && agents.size === 0) this.#keys.delete(key);
    }
  }
}

function dropFirst(map: Map<string, unknown>, most: number): void {
  const [first] = map.keys();
  if (map.size > most && first !== undefined) map.delete(first);
}
