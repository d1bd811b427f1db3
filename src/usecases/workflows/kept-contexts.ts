import type { JsonValue } from '../../domain/json.js';
import type { ContextRow, ContextWrite } from '../../ports/workflow-record.js';

/** What all contexts that are kept in mind may weigh, in about so many characters. */
const MAX_WEIGHT = 64 * 1024 * 1024;
/** Of what is no text, and of each entry. */
const ONE = 16;

/** A context as it was at a version. */
interface Kept {
  readonly version: number;
  readonly rows: readonly ContextRow[];
  readonly weight: number;
}

/** Contexts that were read, by name: as many as are not too large together, those that were used last. */
export class KeptContexts {
  readonly #kept = new Map<string, Kept>();
  #weight = 0;

  /** `undefined`: it is not known at this version. */
  get(name: string, version: number): readonly ContextRow[] | undefined {
    const kept = this.#kept.get(name);
    return kept?.version === version ? kept.rows : undefined;
  }

  keep(name: string, version: number, rows: readonly ContextRow[]): void {
    this.#put(name, { version, rows, weight: weightOf(rows) });
  }

  /** What was there at version `from` is, with `writes` over it, what is there at `to`. */
  written(name: string, from: number, to: number, writes: readonly ContextWrite[]): void {
    const kept = this.#kept.get(name) ?? { version: 0, rows: [], weight: 0 };
    if (from === to) return;
    if (kept.version !== from) {
      this.forget(name);
      return;
    }
    // What is written over weighs on until it is read again.
    const weight = kept.weight + weightOf(writes);
    this.#put(name, { version: to, rows: rowsWith(kept.rows, writes, to), weight });
  }

  forget(name: string): void {
    this.#weight -= this.#kept.get(name)?.weight ?? 0;
    this.#kept.delete(name);
  }

  #put(name: string, kept: Kept): void {
    this.forget(name);
    this.#kept.set(name, kept);
    this.#weight += kept.weight;
    for (const oldest of this.#kept.keys()) {
      if (this.#weight <= MAX_WEIGHT || oldest === name) return;
      this.forget(oldest);
    }
  }
}

/** Rows of a context, and what is to be written over them. */
export function rowsWith(
  rows: readonly ContextRow[],
  writes: readonly ContextWrite[],
  version: number,
): readonly ContextRow[] {
  if (writes.length === 0) return rows;
  const written = new Set(writes.map(({ path }) => path));
  const kept = rows.filter(({ path }) => !written.has(path));
  return [...kept, ...writes.map(({ path, value }) => ({ path, version, value }))];
}

function weightOf(rows: readonly { readonly path: string; readonly value: JsonValue | undefined }[]): number {
  let weight = 0;
  for (const { path, value } of rows) weight += ONE + path.length + weightOfValue(value);
  return weight;
}

function weightOfValue(value: JsonValue | undefined): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return ONE;
  let weight = 0;
  for (const [key, inner] of Object.entries(value)) weight += ONE + key.length + weightOfValue(inner);
  return weight;
}
