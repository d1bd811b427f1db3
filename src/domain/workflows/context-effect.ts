import type { JsonObject, JsonValue } from '../json.js';
import { isObject } from '../policies/answer-fields.js';
import { type ContextValue, keysOf } from './context.js';
import { pathText, stepInto, valueAt } from './paths.js';

type Write = Pick<ContextValue, 'path' | 'value'>;

/** A value that would be lost because a path leads on through it. */
export interface InTheWay {
  /** Of the write. */
  readonly path: string;
  /** Of the value. */
  readonly at: string;
  readonly value: JsonValue;
}

export interface Effect<W> {
  /** The writes that change something: taking away what is not there does not. */
  readonly writes: readonly W[];
  readonly inTheWay: InTheWay | null;
}

/** What writes that are made together do to a context. */
export function effectOf<W extends Write>(context: JsonObject, writes: readonly W[]): Effect<W> {
  const effective = new Set<W>();
  let after = context;
  // As `assemble` has them: a shorter path first.
  const inOrder = writes
    .map((write) => ({ write, keys: keysOf(write.path) }))
    .sort((a, b) => a.keys.length - b.keys.length);
  for (const { write, keys } of inOrder) {
    if (write.value === undefined && valueAt(after, keys) === undefined) continue;
    const inTheWay = firstInTheWay(after, keys);
    if (inTheWay) return { writes: [], inTheWay: { path: write.path, ...inTheWay } };
    after = withValue(after, keys, write.value);
    effective.add(write);
  }
  return { writes: writes.filter((write) => effective.has(write)), inTheWay: null };
}

/** `null` holds nothing that could be lost, and gives way. */
function firstInTheWay(context: JsonObject, keys: readonly string[]): Omit<InTheWay, 'path'> | null {
  let value: JsonValue | undefined = context;
  for (const [depth, key] of keys.entries()) {
    if (value === undefined || value === null) return null;
    if (!isObject(value)) return { at: pathText(keys.slice(0, depth)), value };
    value = stepInto(value, key);
  }
  return null;
}

function withValue(
  outer: JsonObject,
  [key = '', ...rest]: readonly string[],
  value: JsonValue | undefined,
): JsonObject {
  const inner = stepInto(outer, key);
  const put = rest.length === 0 ? value : withValue(isObject(inner) ? inner : {}, rest, value);
  if (put !== undefined) return { ...outer, [key]: put };
  const { [key]: _gone, ...others } = outer;
  return others;
}
