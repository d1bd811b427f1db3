/** Who listens to what happens in an organisation. */
export class OrgListeners<Listener> {
  readonly #byOrg = new Map<string, Set<Listener>>();

  of(org: string): Iterable<Listener> {
    return this.#byOrg.get(org) ?? [];
  }

  /** Those of every organisation. */
  all(): Listener[] {
    return [...this.#byOrg.values()].flatMap((listeners) => [...listeners]);
  }

  /** The returned function takes the listener out again. */
  add(org: string, listener: Listener): () => void {
    const listeners = this.#byOrg.get(org) ?? new Set();
    this.#byOrg.set(org, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#byOrg.get(org) === listeners) this.#byOrg.delete(org);
    };
  }
}
