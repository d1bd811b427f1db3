import { type DocumentPath, type DocumentProblem, WorkflowDocumentError } from './document-error.js';

/** A value of a document under its key, and where it stands. */
export interface Entry {
  readonly key: string;
  readonly value: unknown;
  readonly at: DocumentPath;
  /** What the value holds, where that is not what stands in the document. */
  readonly parts?: readonly Entry[];
}

/** Where a field of the spec came from. */
export interface Place {
  readonly at: DocumentPath;
  /** Free JSON, which is in the spec as it is in the document. */
  readonly isFree: boolean;
}

const MOST_PROBLEMS = 50;

/** What comes to light while a document is read. */
export class Reading {
  readonly #problems: DocumentProblem[] = [];
  readonly #places = new Map<string, Place>();

  /** Says what is wrong; reading goes on, to find the rest. */
  wrong(path: DocumentPath, description: string): undefined {
    if (!this.isFull) this.#problems.push({ path, description });
    return undefined;
  }

  /** Remembers where a field of the spec came from: `spec.groups[0].group_id`. */
  found(field: string, at: DocumentPath, isFree = false): void {
    this.#places.set(field, { at, isFree });
  }

  get places(): ReadonlyMap<string, Place> {
    return this.#places;
  }

  /** Whether there is no use in reading on: no more problems are kept. */
  get isFull(): boolean {
    return this.#problems.length >= MOST_PROBLEMS;
  }

  get problems(): readonly DocumentProblem[] {
    return this.#problems;
  }

  throwIfWrong(): void {
    if (this.#problems.length > 0) throw new WorkflowDocumentError(this.#problems);
  }
}

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** What there is of an object, without what is `undefined`. */
export function entriesOf(object: Readonly<Record<string, unknown>>, at: DocumentPath): Entry[] {
  return Object.entries(object)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({ key, value, at: [...at, key] }));
}

/** A value for a message: `the number 30`, `"fast"`, `a list`. */
export function spoken(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') {
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 39)}…` : value);
  }
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
