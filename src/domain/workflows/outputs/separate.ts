import type { JsonObject, JsonValue } from '../../json.js';
import { wordsOf } from '../../policies/answer-fields.js';
import { grouped } from '../expansion/counting.js';
import type { OutputFormatter } from './formats.js';
import { bytesOf, MAX_OUTPUT_BYTES } from './limits.js';
import { OutputFailed } from './output-failed.js';
import type { SettledItem } from './settled-item.js';
import { timeText } from './tally.js';

/** A result that says nothing takes so many bytes as JSON. */
export const LEAST_SEPARATE_BYTES = 140;

/**
 * A list of results, in the order of the items: `{task_results, metadata, timestamps}`. A result is `{sequence_num,
 * identifier, item_data, state, output, error, start_time, finish_time}`: `item_data` (its elements by name) where it
 * is known, unless all would be too large with them; `output` null and `error` (`{kind, message}`) where it failed.
 * Metadata: `{total, succeeded, failed, base_task_id}`, and `pending` where some items have not ended. Timestamps:
 * when the first began, and the last one ended: `{started, finished}`.
 */
export function separate(baseTaskId: string): OutputFormatter {
  let results: { readonly entry: JsonObject; readonly itemData: JsonObject | null }[] = [];
  let bytes = 0;
  let dataBytes = 0;
  let withData = true;
  return {
    add(item) {
      const entry = entryOf(item);
      const { itemData } = item;
      bytes += bytesOf(entry) + 1;
      dataBytes += itemData ? bytesOf(itemData) + ITEM_DATA_BYTES : 0;
      if (withData && bytes + dataBytes > MAX_OUTPUT_BYTES) {
        withData = false;
        results = results.map((each) => ({ ...each, itemData: null }));
      }
      if (bytes > MAX_OUTPUT_BYTES) {
        throw new OutputFailed(
          `results up to item ${grouped(item.sequenceNum)} take ${grouped(bytes)} bytes as JSON, at most ${grouped(MAX_OUTPUT_BYTES)}; MERGE and SINGLE take less`,
        );
      }
      results.push({ entry, itemData: withData ? itemData : null });
    },
    value: (tally) => ({
      task_results: results.map(({ entry, itemData }): JsonValue => {
        return itemData ? { ...entry, item_data: itemData } : entry;
      }),
      metadata: { ...tally.counts, base_task_id: baseTaskId },
      timestamps: tally.timestamps,
    }),
    collected: null,
  };
}

/** `,"item_data":` */
const ITEM_DATA_BYTES = 13;

function entryOf({ sequenceNum, identifier, state, output, failure, startTime, finishTime }: SettledItem) {
  const entry = { sequence_num: sequenceNum, identifier, state, output };
  const times = { start_time: timeText(startTime), finish_time: timeText(finishTime) };
  if (!failure) return { ...entry, ...times };
  const message = wordsOf(failure.message);
  return { ...entry, error: { kind: failure.kind, message }, ...times };
}
