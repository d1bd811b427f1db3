import type { JsonObject } from '../../json.js';

/** What one task of an expansion is made from. */
export interface Item {
  /** From 1. */
  readonly item: number;
  /** Its name in results; default its number. */
  readonly identifier: string;
  /**
   * What templates and expressions see as `item`: its elements, and `sequence_num`, `base_task_id`, `total_count`,
   * `parent_context`; with MATRIX also `combination`, and `NAME_values` of each array.
   */
  readonly data: JsonObject;
  /** Its elements by name, which go into the task's input. */
  readonly elements: JsonObject;
  /** Keys of the task's own input that arrays came from, which do not go into the input of made tasks. */
  readonly sources: readonly string[];
}

/** What came of an expansion. Items are made when they are asked for. */
export type Expanded =
  | {
      readonly ok: true;
      readonly total: number;
      /** Those with the numbers from + 1 to `to`. */
      items(from: number, to: number): readonly Item[];
    }
  /** The reason begins with EXPANSION_FAILED or TOO_MANY_ITEMS. */
  | { readonly ok: false; readonly reason: string };

/** Of which workflow an expansion is, and how large it may be. */
export interface ExpansionLimits {
  /** How many items a task of this organisation may have. */
  readonly maxItems: number;
  readonly workflowId: string;
  readonly workflowName: string;
}
