import type { JsonObject, JsonValue } from '../../domain/json.js';
import { wordsOf } from '../../domain/policies/answer-fields.js';
import type { Item } from '../../domain/workflows/expansion/items.js';
import type { ExpansionSpec } from '../../domain/workflows/expansion/spec.js';
import { strategyOf } from '../../domain/workflows/expansion/strategy.js';
import type { OutputFormatter } from '../../domain/workflows/outputs/formats.js';
import { requireKept } from '../../domain/workflows/outputs/limits.js';
import { merge } from '../../domain/workflows/outputs/merge.js';
import { OutputFailed } from '../../domain/workflows/outputs/output-failed.js';
import { separate } from '../../domain/workflows/outputs/separate.js';
import { single } from '../../domain/workflows/outputs/single.js';
import { Tally } from '../../domain/workflows/outputs/tally.js';
import type { TaskNode } from '../../domain/workflows/plan.js';
import { type Scope, variablesOf } from '../../domain/workflows/scope.js';
import type { ExpressionEngine } from '../../ports/expression-engine.js';
import type { ItemOutcome } from '../../ports/workflow-record.js';
import { type Asking, evaluateAll } from './evaluate-all.js';
import { settledItems } from './settled-items.js';

/** The result of a node. */
export interface Gathered {
  readonly state: 'SUCCEEDED' | 'PARTIAL' | 'FAILED';
  /** `undefined`: there is none, nothing is to be written. */
  readonly value: JsonValue | undefined;
  /** Begins with TASK_FAILED, RESULT_INVALID, TIMED_OUT, CANCELLED or OUTPUT_FAILED; empty: SUCCEEDED. */
  readonly reason: string;
  /** `{total, succeeded, failed, pending, failures}`, of failures at most 100. */
  readonly detail: JsonObject;
}

export interface GatherOptions {
  /** Whether its items need not have ended: there is only a result where at least one has. */
  readonly partial: boolean;
  /** Makes the items anew, from the scope that they were made from: their names and data go into the result. */
  readonly items?: (from: number, to: number) => readonly Item[];
}

/**
 * Makes the result of a node from what its items came to; of a task without expansion its output as it is. An output
 * that `validate` is not true of has failed. A node is SUCCEEDED if all items succeeded, PARTIAL if some, else FAILED;
 * also a FAILED one has a value, if it has an expansion. What cannot be put together or kept: FAILED, OUTPUT_FAILED.
 *
 * @param total its items
 * @param pages outcomes in the order of items; those that have not ended count as pending
 * @throws {ReeveError} UNAVAILABLE, when expressions cannot be evaluated at the time
 */
export async function gather(
  engine: ExpressionEngine,
  org: string,
  node: TaskNode,
  scope: Scope,
  total: number,
  pages: AsyncIterable<readonly ItemOutcome[]>,
  { partial, items }: GatherOptions,
): Promise<Gathered> {
  const asking = { engine, org, shared: variablesOf(scope) };
  const spec = node.settings.expansion;
  const tally = new Tally(total);
  const format = spec ? formatOf(node, spec) : plain();
  try {
    for await (const page of pages) {
      for (const item of await settledItems(asking, node.template.validate, page, items)) {
        tally.add(item);
        format.add(item);
      }
    }
    const value = await resultOf(asking, spec, format, tally, partial);
    return { state: tally.state, value, reason: tally.reason, detail: detailOf(tally) };
  } catch (error) {
    if (!(error instanceof OutputFailed)) throw error;
    const reason = `OUTPUT_FAILED: ${wordsOf(error.message)}`;
    return { state: 'FAILED', value: undefined, reason, detail: detailOf(tally) };
  }
}

async function resultOf(
  asking: Asking,
  spec: ExpansionSpec | null,
  format: OutputFormatter,
  tally: Tally,
  partial: boolean,
): Promise<JsonValue | undefined> {
  const nothing = spec ? partial && tally.ended === 0 : tally.succeeded === 0;
  if (nothing) return undefined;
  const { collected } = format;
  const reduced = spec && collected ? await reduce(asking, spec.reducer, collected) : null;
  const value = format.value(tally, reduced);
  requireKept(value);
  return value;
}

async function reduce(asking: Asking, reducer: string, results: readonly JsonValue[]): Promise<JsonValue> {
  let value: JsonValue = null;
  if (results.length === 0) return value;
  await evaluateAll(
    asking,
    [reducer],
    1,
    () => ({ results }),
    ([outcome]) => {
      if (!outcome?.ok) throw new OutputFailed(`reducer: ${outcome?.message}`);
      value = outcome.value;
      return true;
    },
  );
  return value;
}

function formatOf({ address }: TaskNode, spec: ExpansionSpec): OutputFormatter {
  switch (spec.outputFormat) {
    case 'SEPARATE':
      return separate(address);
    case 'MERGE':
      return merge(strategyOf(spec));
    case 'SINGLE':
      return single(strategyOf(spec));
  }
}

/** Of a task without expansion: its output. */
function plain(): OutputFormatter {
  let value: JsonValue = null;
  return {
    add({ output }) {
      value = output;
    },
    value: () => value,
    collected: null,
  };
}

function detailOf(tally: Tally): JsonObject {
  return { ...tally.counts, failures: tally.failures };
}
