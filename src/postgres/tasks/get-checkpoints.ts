import type { Checkpoint } from '../../domain/tasks/checkpoint.js';
import type { TaskKey } from '../../ports/ready-index.js';
import type { Database } from '../database.js';
import { loadStatement } from '../statement.js';

const GET_CHECKPOINTS = loadStatement('./get-checkpoints.sql', import.meta.url);
/** With 64 KiB each, a statement stays around 8 MiB. */
const AT_ONCE = 128;

interface Row {
  readonly n: number;
  readonly epoch: number;
  readonly attempt: number;
  readonly media_type: string;
  readonly data: Uint8Array;
  readonly update_time: number;
}

/** What was left of tasks, where there is something. */
export async function getCheckpoints<Item extends TaskKey>(
  db: Database,
  items: readonly Item[],
): Promise<ReadonlyMap<Item, Checkpoint>> {
  const found = new Map<Item, Checkpoint>();
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const some = items.slice(from, from + AT_ONCE);
    const rows = await db.read<Row>(GET_CHECKPOINTS, [some.map((k) => k.org), some.map((k) => k.taskId)]);
    for (const row of rows) found.set(some[row.n - 1] as Item, decode(row));
  }
  return found;
}

function decode(row: Row): Checkpoint {
  const { epoch, attempt, media_type: mediaType, data, update_time: updateTime } = row;
  return { payload: { mediaType, data }, epoch, attempt, updateTime };
}
