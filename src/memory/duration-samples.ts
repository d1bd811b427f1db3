/** Samples of one kind that are kept: more than what is known weighs. */
const MAX_SAMPLES = 128;

/** How long tasks of one kind took. */
export interface KindSamples {
  readonly org: string;
  readonly kind: string;
  /** In ms. */
  readonly durations: number[];
}

/** Kinds that are kept, of one organisation and of all. */
export const MAX_KINDS_OF_ORG = 250;
export const MAX_KINDS_OF_ALL = 4_000;

/**
 * What has succeeded since it was last taken. What there is no room for is dropped: of one kind the first say enough,
 * and an organisation that makes up kinds takes no room from the others.
 */
export class DurationSamples {
  readonly #byOrg = new Map<string, Map<string, KindSamples>>();
  #kinds = 0;

  add(org: string, kind: string, ms: number): void {
    const samples = this.#byOrg.get(org)?.get(kind) ?? this.#begin(org, kind);
    if (samples && samples.durations.length < MAX_SAMPLES) samples.durations.push(ms);
  }

  #begin(org: string, kind: string): KindSamples | null {
    const kinds = this.#byOrg.get(org) ?? new Map<string, KindSamples>();
    if (this.#kinds >= MAX_KINDS_OF_ALL || kinds.size >= MAX_KINDS_OF_ORG) return null;
    this.#byOrg.set(org, kinds);
    const samples = { org, kind, durations: [] };
    kinds.set(kind, samples);
    this.#kinds++;
    return samples;
  }

  /** Takes all of them out. */
  take(): readonly KindSamples[] {
    const all = [...this.#byOrg.values()].flatMap((kinds) => [...kinds.values()]);
    this.#byOrg.clear();
    this.#kinds = 0;
    return all;
  }
}
