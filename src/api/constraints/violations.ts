import type { FieldViolation } from '../../domain/errors.js';

/** More than this say nothing new, and the trailer that carries them is bounded. */
export const MAX_VIOLATIONS = 20;

/**
 * Where a value is in the request. `null`: nobody asks yet. Most messages break no rule, so they are
 * first visited without it; to put together the path of every field takes longer than to test it.
 */
export type Path = string | null;

/** @param name of a field, after a dot; or in brackets */
export function inside(path: Path, name: string): Path {
  return path === null ? null : path + name;
}

/** Collects broken rules, up to a bound. */
export class Violations {
  readonly list: FieldViolation[] = [];

  add(field: Path, description: string): void {
    if (!this.full) this.list.push({ field: shortened(field ?? ''), description });
  }

  get full(): boolean {
    return this.list.length >= MAX_VIOLATIONS;
  }
}

/** Paths hold keys that the caller chose, of any length and with any character. */
function shortened(path: string): string {
  const text = path.length > 300 ? `${path.slice(0, 299)}…` : path;
  return text.replace(/\p{Cs}/gu, '\ufffd');
}
