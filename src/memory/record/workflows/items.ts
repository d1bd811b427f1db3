import type { TaskResult } from '../../../domain/tasks/task.js';
import type { ItemOutcome, ItemPage } from '../../../ports/workflow-record.js';
import { taskOf } from '../get-tasks.js';
import type { TaskRow } from '../rows.js';
import type { Tables } from '../tables.js';

/** As many of these as fit into a page, with what came of them. @param rows by item */
export function itemsOfPage(
  tables: Tables,
  rows: readonly TaskRow[],
  { afterItem, limit, withPayloads, maxBytes }: ItemPage,
): readonly ItemOutcome[] {
  const items: ItemOutcome[] = [];
  let bytes = 0;
  for (const row of rows) {
    if (items.length === limit) break;
    if ((row.workflow?.item ?? 0) <= afterItem) continue;
    const item = itemOf(tables, row, withPayloads);
    bytes += bytesOf(item.result);
    if (items.length > 0 && bytes > maxBytes) break;
    items.push(item);
  }
  return items;
}

function itemOf(tables: Tables, row: TaskRow, withPayloads: boolean): ItemOutcome {
  const { taskId, series, state, reason, createTime, finishTime, workflow } = row;
  const found = taskOf(tables, row, 'RESULT').result;
  const result = found && {
    outcome: found.outcome,
    output: withPayloads ? found.output : null,
    summary: found.summary,
    error: found.error && { ...found.error, detail: withPayloads ? found.error.detail : null },
  };
  return { item: workflow?.item ?? 0, taskId, series, state, reason, createTime, finishTime, result };
}

/** What a result takes, as the record in Postgres measures it. */
function bytesOf(result: TaskResult | null): number {
  const payloads = (result?.output?.data.length ?? 0) + (result?.error?.detail?.data.length ?? 0);
  return payloads + Buffer.byteLength(`${result?.summary ?? ''}${result?.error?.message ?? ''}`);
}
