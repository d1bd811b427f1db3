import type { JsonObject, JsonValue } from '../../domain/json.js';
import type { Item } from '../../domain/workflows/expansion/items.js';
import type { TaskNode } from '../../domain/workflows/plan.js';
import type { Scope } from '../../domain/workflows/scope.js';
import type { ExpressionEngine } from '../../ports/expression-engine.js';
import type { ItemOutcome } from '../../ports/workflow-record.js';

/** The result of a node. */
export interface Gathered {
  readonly state: 'SUCCEEDED' | 'PARTIAL' | 'FAILED';
  /** `undefined`: there is none, nothing is to be written. */
  readonly value: JsonValue | undefined;
  /** Begins with TASK_FAILED, RESULT_INVALID, TIMED_OUT, CANCELLED or OUTPUT_FAILED; empty: SUCCEEDED. */
  readonly reason: string;
  /** `{total, succeeded, failed, pending, failures: [{sequence_num, identifier, task_id, state, reason}]}`, at most 100 of them. */
  readonly detail: JsonObject;
}

export interface GatherOptions {
  /** Whether some items have not ended, or were never made; they count as pending. */
  readonly partial: boolean;
  /** Makes the items anew, from the scope that they were made from: their identifiers and data go into the result. */
  readonly items?: (from: number, to: number) => readonly Item[];
}

/**
 * Makes the result of a node from what its items came to.
 *
 * @param total its items
 * @param pages outcomes in the order of items
 * @throws {ReeveError} UNAVAILABLE, when expressions cannot be evaluated at the time
 */
export async function gather(
  _engine: ExpressionEngine,
  _org: string,
  _node: TaskNode,
  _scope: Scope,
  _total: number,
  _pages: AsyncIterable<readonly ItemOutcome[]>,
  _options: GatherOptions,
): Promise<Gathered> {
  return { state: 'FAILED', value: undefined, reason: 'OUTPUT_FAILED: not yet', detail: {} };
}
