import type { JsonValue } from '../../json.js';
import type { SettledItem } from './settled-item.js';
import type { Tally } from './tally.js';

/** Makes the result of a node from its items, one after the other. */
export interface OutputFormatter {
  /** @throws {OutputFailed} */
  add(item: SettledItem): void;
  /**
   * @param reduced with REDUCE: what the reducer made of `collected`; null where that is empty
   * @throws {OutputFailed}
   */
  value(tally: Tally, reduced: JsonValue): JsonValue;
  /** Outputs that the reducer is to get; `null`: there is no reducer. */
  readonly collected: readonly JsonValue[] | null;
}
