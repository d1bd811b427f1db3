import { WarmAgents } from '../domain/selection/warm-agents.js';

/** Organisations that are remembered; the one that was met first is forgotten first. */
const MAX_ORGS = 1_000;

/** Which agents did tasks of which affinity key lately. Soft, as the record of how they did: a restart forgets it. */
export class WarmByOrg {
  readonly #orgs = new Map<string, WarmAgents>();

  /** An agent has ended a task of the key well. Times in ms, monotonic. */
  used(org: string, key: string, agentId: string, now: number): void {
    const known = this.#orgs.get(org);
    const agents = known ?? new WarmAgents();
    agents.used(key, agentId, now);
    if (known) return;
    const [oldest] = this.#orgs.keys();
    if (this.#orgs.size >= MAX_ORGS && oldest !== undefined) this.#orgs.delete(oldest);
    this.#orgs.set(org, agents);
  }

  /** The last first. */
  of(org: string, key: string, now: number): readonly string[] {
    return this.#orgs.get(org)?.of(key, now) ?? [];
  }
}
