/** Organisations of which it has to be found out what runs; told of once, also if nobody listens yet. */
export class UnreadyOrgs {
  readonly #untold = new Set<string>();
  #listener: ((org: string) => void) | null = null;

  add(org: string): void {
    if (this.#listener) this.#listener(org);
    else this.#untold.add(org);
  }

  listen(listener: (org: string) => void): void {
    this.#listener = listener;
    for (const org of this.#untold) listener(org);
    this.#untold.clear();
  }
}
