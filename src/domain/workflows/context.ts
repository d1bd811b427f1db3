import type { JsonObject, JsonValue } from '../json.js';
import { sizeProblem } from '../json-size.js';
import { isObject } from '../policies/answer-fields.js';
import { parsePath, pathText } from './paths.js';

/** A value of a context as it was written, at a path of names; `undefined`: it is gone. */
export interface ContextValue {
  readonly path: string;
  /** The context's version that it came with. */
  readonly version: number;
  readonly value: JsonValue | undefined;
}

/**
 * The document that values make: they are set in the order of their versions, of the same version shorter paths first. A
 * longer path sets within what is there, a shorter one replaces it. What is no object is replaced by one.
 *
 * @param rows the newest of each path
 */
export function assemble(rows: readonly ContextValue[]): JsonObject {
  const context: Fields = {};
  /** Objects that were made here, and may be changed: those of rows may not. */
  const made = new Set<object>([context]);
  for (const { keys, value } of inOrder(rows)) {
    const last = keys.at(-1) ?? '';
    let at = context;
    for (const key of keys.slice(0, -1)) at = within(at, key, made);
    if (value === undefined) delete at[last];
    else at[last] = value;
  }
  return context;
}

type Fields = Record<string, JsonValue>;

function within(outer: Fields, key: string, made: Set<object>): Fields {
  const inner = Object.hasOwn(outer, key) ? outer[key] : undefined;
  if (typeof inner === 'object' && inner !== null && made.has(inner)) return inner as Fields;
  const copy: Fields = isObject(inner) ? { ...inner } : {};
  made.add(copy);
  outer[key] = copy;
  return copy;
}

/** The rows that show in the document: not those that a shorter path replaced. */
export function liveRows<R extends ContextValue>(rows: readonly R[]): readonly R[] {
  const live = new Layer<R>();
  for (const { keys, row } of inOrder(rows)) live.put(keys, row);
  return live.rows();
}

/**
 * The version of what is at a path: the newest of those that it, what is around it and what is within it were written
 * with; 0: nothing ever was.
 */
export function versionAt(rows: readonly ContextValue[], path: string): number {
  let newest = 0;
  for (const row of rows) {
    if (row.version > newest && (isWithin(row.path, path) || isWithin(path, row.path))) newest = row.version;
  }
  return newest;
}

/** Whether a path is another one, or leads on from it. */
export function isWithin(path: string, around: string): boolean {
  if (!path.startsWith(around)) return false;
  const next = path[around.length];
  return next === undefined || next === '.' || next === '[';
}

/** The names of a path in the context; a path that is none is one name. */
export function keysOf(path: string): readonly string[] {
  return parsePath(path)?.map(String) ?? [path];
}

function inOrder<R extends ContextValue>(rows: readonly R[]) {
  return rows
    .map((row) => ({ keys: keysOf(row.path), row, value: row.value }))
    .sort((a, b) => a.row.version - b.row.version || a.keys.length - b.keys.length);
}

/** Rows by their keys; one that is put at a path takes the place of all within. */
class Layer<R> {
  readonly #layers = new Map<string, Layer<R>>();
  #row: R | undefined;

  put([key, ...rest]: readonly string[], row: R): void {
    if (key === undefined) {
      this.#layers.clear();
      this.#row = row;
      return;
    }
    let layer = this.#layers.get(key);
    if (!layer) {
      layer = new Layer();
      this.#layers.set(key, layer);
    }
    layer.put(rest, row);
  }

  rows(): readonly R[] {
    const within = [...this.#layers.values()].flatMap((layer) => layer.rows());
    return this.#row === undefined ? within : [this.#row, ...within];
  }
}

/** What a context may be like; sizes in bytes of JSON. */
export const CONTEXT_LIMITS = {
  maxPathLength: 500,
  maxKeys: 16,
  maxValueBytes: 4 * 1024 * 1024,
  maxDepth: 64,
  maxBytes: 16 * 1024 * 1024,
  maxPaths: 10_000,
  /** Versions that can be read and restored: so many of the newest. */
  keptVersions: 1_000,
} as const;

/** The oldest version of a context that can still be read and restored; 0 is that of its beginning. */
export function oldestVersion(newest: number): number {
  return Math.max(0, newest - CONTEXT_LIMITS.keptVersions + 1);
}

/** A value that is to be written; `undefined`: it is to be gone. */
type Write = Pick<ContextValue, 'path' | 'value'>;

/**
 * Why values cannot be written to a context, in words that name the path; `null`: they can.
 *
 * @param rows of the context as it is: the newest of each path
 */
export function limitsOn(rows: readonly ContextValue[], writes: readonly Write[]): string | null {
  for (const write of writes) {
    const problem = pathProblem(write.path) ?? valueProblem(write);
    if (problem !== null) return problem;
  }
  const paths = new Set(rows.map(({ path }) => path));
  for (const { path } of writes) paths.add(path);
  const { maxPaths, maxBytes } = CONTEXT_LIMITS;
  if (paths.size > maxPaths) return `the context must not have more than ${maxPaths} paths`;
  const bytes = bytesAfter(rows, writes);
  return bytes > maxBytes ? `the context must have at most ${maxBytes} bytes as JSON, not ${bytes}` : null;
}

/** What a context has at most; values that others have replaced may count too. */
export interface ContextSize {
  readonly paths: number;
  readonly bytes: number;
}

export function sizeOf(rows: readonly Write[]): ContextSize {
  let bytes = 0;
  for (const { path, value } of rows) bytes += path.length + (value === undefined ? 0 : bytesOf(value));
  return { paths: rows.length, bytes };
}

/** The same as {@link limitsOn} for one value, of which no more need be known where it fits in any case. */
export async function limitsOnOne(
  atMost: ContextSize,
  write: Write,
  rows: () => Promise<readonly ContextValue[]>,
): Promise<string | null> {
  const own = sizeOf([write]);
  const fits =
    atMost.paths + own.paths <= CONTEXT_LIMITS.maxPaths &&
    atMost.bytes + own.bytes <= CONTEXT_LIMITS.maxBytes;
  return limitsOn(fits ? [] : await rows(), [write]);
}

/** Why a path is none of a context, in words; `null`: it may be one. It is names with dots between them. */
export function pathProblem(path: string): string | null {
  const { maxPathLength, maxKeys, maxDepth } = CONTEXT_LIMITS;
  if (path.length > maxPathLength) {
    return `the path ${path.slice(0, 40)}… must not have more than ${maxPathLength} characters`;
  }
  const keys = parsePath(path);
  if (!keys || pathText(keys) !== path) return `${path} is no path such as user.name`;
  if (keys.some((key) => typeof key === 'number')) return `${path}: what is written is no element of a list`;
  if (keys.length > Math.min(maxKeys, maxDepth)) return `${path} must not have more than ${maxKeys} names`;
  return null;
}

function valueProblem({ path, value }: Write): string | null {
  if (value === undefined) return null;
  const { maxValueBytes: maxBytes, maxDepth } = CONTEXT_LIMITS;
  const problem = sizeProblem(value, { maxBytes, maxDepth: maxDepth - keysOf(path).length });
  return problem === null ? null : `${path} ${problem}`;
}

function bytesAfter(rows: readonly ContextValue[], writes: readonly Write[]): number {
  const version = rows.reduce((newest, row) => Math.max(newest, row.version), 0) + 1;
  const written = new Set(writes.map(({ path }) => path));
  const kept = rows.filter(({ path }) => !written.has(path));
  const live = liveRows([...kept, ...writes.map(({ path, value }) => ({ path, value, version }))]);
  return live.reduce(
    (sum, { path, value }) => sum + (value === undefined ? 0 : path.length + bytesOf(value)),
    0,
  );
}

/** Of what is large enough for it to be worth keeping: rows are looked at with each write to their context. */
const sizes = new WeakMap<object, number>();

function bytesOf(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return Buffer.byteLength(JSON.stringify(value));
  let bytes = sizes.get(value);
  if (bytes === undefined) {
    bytes = Buffer.byteLength(JSON.stringify(value));
    sizes.set(value, bytes);
  }
  return bytes;
}
