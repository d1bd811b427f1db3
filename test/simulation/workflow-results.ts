import type { JsonObject, JsonValue } from '../../src/domain/json.js';
import type { ExpansionSpec, MergeStrategy } from '../../src/domain/workflows/expansion/spec.js';

interface Scored {
  readonly n: number;
  readonly score: number;
}

/**
 * What is wrong with the result of many tasks, in words; empty: nothing.
 *
 * @param outputs of all of them, in their order; @param successes which of them count
 */
export function wrongResult(
  { outputFormat, mergeStrategy }: ExpansionSpec,
  outputs: readonly JsonObject[],
  successes: readonly boolean[],
  written: JsonValue | undefined,
): string {
  if (typeof written !== 'object' || written === null) return JSON.stringify(written) ?? 'nothing';
  const value = written as JsonObject;
  const good = outputs.filter((_, i) => successes[i]);
  const counts = { total: outputs.length, succeeded: good.length, failed: outputs.length - good.length };
  switch (outputFormat) {
    case 'SEPARATE': {
      const results = (value.task_results as readonly JsonObject[]).map(
        ({ sequence_num, state, output }) => ({
          ...{ sequence_num, output },
          good: state === 'SUCCEEDED',
        }),
      );
      const expected = outputs.map((output, i) => ({
        ...{ sequence_num: i + 1, output: successes[i] ? output : null },
        good: successes[i],
      }));
      return differing('task_results', results, expected);
    }
    case 'MERGE':
      return (
        differing('result', value.result, mergedBy(mergeStrategy ?? 'DEEP', good)) ||
        differing('summary', picked(value.summary as JsonObject, counts), counts)
      );
    case 'SINGLE': {
      const sum = good.reduce((total, each) => total + scoreOf(each).score, 0);
      const score = good.length === 0 ? null : mergeStrategy === 'SUM' ? sum : sum / good.length;
      // The reducer's list is no score.
      return (
        differing('final_score', rounded(value.final_score), rounded(score)) ||
        differing('counts', picked(value, counts), counts) ||
        (mergeStrategy === 'REDUCE' ? differing('result', value.result, mergedBy('REDUCE', good)) : '')
      );
    }
  }
}

function mergedBy(strategy: MergeStrategy, good: readonly JsonObject[]): JsonValue {
  const [last] = good.slice(-1);
  const means = (of: 'n' | 'score') =>
    good.reduce((total, each) => total + scoreOf(each)[of], 0) / (strategy === 'AVERAGE' ? good.length : 1);
  switch (strategy) {
    case 'DEEP':
    case 'SHALLOW':
      return last ?? {};
    case 'CONCAT':
      return [...good];
    case 'SUM':
    case 'AVERAGE':
      return last ? { n: means('n'), score: means('score') } : null;
    case 'REDUCE':
      return last ? good.map((each) => scoreOf(each).n) : null;
  }
}

function scoreOf(output: JsonObject): Scored {
  return output as unknown as Scored;
}

function picked(value: JsonObject, names: object): JsonObject {
  return Object.fromEntries(Object.keys(names).map((name) => [name, value[name] ?? null]));
}

/** Sums of fractions depend on their order. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Math.round(value * 1e6) / 1e6;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(rounded);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, rounded(each)]));
}

function differing(name: string, found: unknown, expected: unknown): string {
  const [a, b] = [found, expected].map((each) => JSON.stringify(rounded(each)));
  return a === b ? '' : `${name} is ${a}, and should be ${b}`;
}
