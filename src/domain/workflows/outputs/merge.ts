import type { MergeStrategy } from '../expansion/spec.js';
import { Confidence } from './confidence.js';
import type { OutputFormatter } from './formats.js';
import { mergerOf } from './mergers.js';
import { NumberTree } from './number-tree.js';

/** Fields that have metrics. */
const MAX_METRICS = 1_000;

/**
 * One document: `{result, summary, metrics, confidence}`. Result: the outputs that succeeded, put together by the
 * strategy. Summary: `{total, succeeded, failed, strategy, failures}`, of failures the first 100 as `{sequence_num,
 * identifier, task_id, state, reason}`; and `pending` where some items have not ended. Metrics: by the path of each
 * number in outputs `{sum, average, count}`, of the first 1,000 paths. Confidence: see `Confidence`.
 */
export function merge(strategy: MergeStrategy): OutputFormatter {
  const merger = mergerOf(strategy);
  const numbers = new NumberTree(MAX_METRICS);
  const confidence = new Confidence();
  return {
    add({ output, bytes, failure }) {
      if (failure) return;
      numbers.add(output);
      confidence.add(output);
      merger.add(output, bytes);
    },
    value: (tally, reduced) => ({
      result: merger.result(reduced),
      summary: { ...tally.counts, strategy, failures: tally.failures },
      metrics: numbers.metrics(),
      confidence: confidence.of(tally),
    }),
    collected: merger.collected,
  };
}
