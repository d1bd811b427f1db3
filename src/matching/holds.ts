import type { NamedHold } from '../domain/explain/lane-place.js';
import { covers, type QueuePart } from '../domain/queues/queue-part.js';
import type { Tier } from '../domain/tasks/tier.js';

/** Parts of queues that nothing is given out from, each hold under its own name. */
export class Holds {
  readonly #byOrg = new Map<string, Map<string, QueuePart>>();

  hold(org: string, part: QueuePart, name: string): void {
    const ofOrg = this.#byOrg.get(org) ?? new Map<string, QueuePart>();
    this.#byOrg.set(org, ofOrg.set(name, part));
  }

  /** False if there was none of that name. */
  unhold(org: string, name: string): boolean {
    const ofOrg = this.#byOrg.get(org);
    const found = ofOrg?.delete(name) ?? false;
    if (ofOrg?.size === 0) this.#byOrg.delete(org);
    return found;
  }

  has(org: string, kind: string, tier: Tier): boolean {
    for (const part of this.#byOrg.get(org)?.values() ?? []) if (covers(part, kind, tier)) return true;
    return false;
  }

  /** Those that cover tasks of this kind and tier. */
  of(org: string, kind: string, tier: Tier): readonly NamedHold[] {
    const all = [...(this.#byOrg.get(org) ?? [])].map(([name, part]) => ({ name, part }));
    return all.filter(({ part }) => covers(part, kind, tier));
  }
}
