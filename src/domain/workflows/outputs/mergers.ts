import type { JsonValue } from '../../json.js';
import { isObject } from '../../policies/answer-fields.js';
import type { MergeStrategy } from '../expansion/spec.js';
import { Budget } from './limits.js';
import { NumberTree } from './number-tree.js';
import { OutputFailed } from './output-failed.js';

/** Makes one value of outputs, which it may change and keep. */
export interface Merger {
  /** @param bytes how long the output came */
  add(output: JsonValue, bytes: number): void;
  /** @param reduced with REDUCE: what the reducer made of the outputs */
  result(reduced: JsonValue): JsonValue;
  /** With REDUCE: what the reducer gets. */
  readonly collected: readonly JsonValue[] | null;
}

/** Different fields with numbers that SUM and AVERAGE take. */
const MAX_FIELDS = 100_000;

/**
 * DEEP: fields of objects at every depth, lists one after the other; else the later output counts. SHALLOW: fields of
 * the outermost objects; the later one counts. CONCAT: lists one after the other, what is none as an element. SUM,
 * AVERAGE: numbers, also within objects; all else is left out. REDUCE: by CEL over the list of outputs. Of no output
 * DEEP and SHALLOW make `{}`, CONCAT `[]`, others null.
 */
export function mergerOf(strategy: MergeStrategy): Merger {
  switch (strategy) {
    case 'DEEP':
      return folding(deep);
    case 'SHALLOW':
      return folding(shallow);
    case 'CONCAT':
      return listing(true);
    case 'REDUCE':
      return listing(false);
    case 'SUM':
    case 'AVERAGE':
      return counting(strategy);
  }
}

function folding(fold: (into: JsonValue, output: JsonValue) => JsonValue): Merger {
  const budget = new Budget();
  let merged: JsonValue | undefined;
  return {
    add(output, bytes) {
      const value = merged === undefined ? output : fold(merged, output);
      merged = value;
      budget.add(bytes, () => value);
    },
    result: () => merged ?? (merged === null ? null : {}),
    collected: null,
  };
}

function deep(into: JsonValue, output: JsonValue): JsonValue {
  if (Array.isArray(into) && Array.isArray(output)) {
    for (const each of output) into.push(each);
    return into;
  }
  if (!isObject(into) || !isObject(output)) return output;
  const fields: Record<string, JsonValue> = into;
  for (const [key, value] of Object.entries(output)) {
    const before = Object.hasOwn(fields, key) ? fields[key] : undefined;
    fields[key] = before === undefined ? value : deep(before, value);
  }
  return fields;
}

function shallow(into: JsonValue, output: JsonValue): JsonValue {
  if (!isObject(into) || !isObject(output)) return output;
  return Object.assign(into, output);
}

function listing(flat: boolean): Merger {
  const budget = new Budget();
  const list: JsonValue[] = [];
  return {
    add(output, bytes) {
      if (flat && Array.isArray(output)) for (const each of output) list.push(each);
      else list.push(output);
      budget.add(bytes + 1, () => list);
    },
    result: (reduced) => (flat ? list : reduced),
    collected: flat ? null : list,
  };
}

function counting(of: 'SUM' | 'AVERAGE'): Merger {
  const numbers = new NumberTree(MAX_FIELDS);
  return {
    add(output) {
      numbers.add(output);
      if (numbers.isFull) throw new OutputFailed(`outputs have more than ${MAX_FIELDS} different fields`);
    },
    result: () => numbers.combined(of),
    collected: null,
  };
}
