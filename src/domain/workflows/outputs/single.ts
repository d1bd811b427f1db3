import type { JsonObject, JsonValue } from '../../json.js';
import { isObject } from '../../policies/answer-fields.js';
import type { MergeStrategy } from '../expansion/spec.js';
import { Confidence, Mean } from './confidence.js';
import type { OutputFormatter } from './formats.js';
import { Budget } from './limits.js';
import { mergerOf } from './mergers.js';

/**
 * One value: `{final_score, confidence, analysis, scored, total, succeeded, failed, failures}`, and `pending` where
 * some items have not ended. The score of an output is itself if it is a number, else its number `final_score` or
 * `score`; `scored` says how many have one. `final_score` is their sum with SUM, else their mean; null without any.
 * `analysis`: texts, which are outputs or their field `analysis`, by lines. With DEEP, SHALLOW and CONCAT there is also
 * `result`, outputs put together so. With REDUCE, a number is `final_score`, fields of an object go over those above,
 * anything else is `result`.
 */
export function single(strategy: MergeStrategy): OutputFormatter {
  const merger = strategy === 'SUM' || strategy === 'AVERAGE' ? null : mergerOf(strategy);
  const confidence = new Confidence();
  const scores = new Mean();
  const texts: string[] = [];
  const budget = new Budget();
  return {
    add({ output, bytes, failure }) {
      if (failure) return;
      const score = scoreOf(output);
      if (score !== undefined) scores.add(score);
      confidence.add(output);
      const text = isObject(output) ? output.analysis : output;
      if (typeof text === 'string' && text !== '') {
        texts.push(text);
        budget.add(Buffer.byteLength(text) + 2, () => texts);
      }
      merger?.add(output, bytes);
    },
    value(tally, reduced) {
      const value: JsonObject = {
        final_score: strategy === 'SUM' ? scores.sum : scores.value,
        confidence: confidence.of(tally),
        analysis: texts.join('\n'),
        scored: scores.count,
        ...tally.counts,
        failures: tally.failures,
      };
      if (strategy === 'REDUCE') return withReduced(value, reduced);
      return merger ? { ...value, result: merger.result(null) } : value;
    },
    collected: merger?.collected ?? null,
  };
}

function scoreOf(output: JsonValue): number | undefined {
  if (typeof output === 'number') return output;
  if (!isObject(output)) return undefined;
  return [output.final_score, output.score].find((each) => typeof each === 'number');
}

function withReduced(value: JsonObject, reduced: JsonValue): JsonObject {
  if (typeof reduced === 'number') return { ...value, final_score: reduced };
  return isObject(reduced) ? { ...value, ...reduced } : { ...value, result: reduced };
}
