import type { RetentionCursor, RetentionRecord } from '../../ports/retention-record.js';
import type { Database } from '../database.js';
import { dayOfId, dropDays, firstId } from '../partitions.js';
import { loadStatement } from '../statement.js';

const NEXT_ORG = loadStatement('./next-org.sql', import.meta.url);
const DROP_TASKS = loadStatement('./drop-tasks.sql', import.meta.url);
const FORGET_REQUEST_IDS = loadStatement('./forget-request-ids.sql', import.meta.url);

const BELOW_ALL = '00000000-0000-0000-0000-000000000000';

/** Retention in Postgres. */
export function createRetentionRecord(db: Database): RetentionRecord {
  async function nextOrg(after: string): Promise<RetentionCursor | null> {
    const [row] = await db.read<{ org: string }>(NEXT_ORG, [after]);
    return row ? { org: row.org, taskId: BELOW_ALL } : null;
  }

  return {
    async dropTasks(after, { beforeMs, keepMs, limit }) {
      const from = after ?? (await nextOrg(''));
      if (!from) return { cursor: null, dropped: 0, keptDays: [] };
      const values = [from.org, from.taskId, firstId(beforeMs), keepMs, limit];
      const rows = await db.write<{ id: string; gone: boolean }>(DROP_TASKS, values);
      const kept = rows.filter(({ gone }) => !gone);
      const last = rows.at(-1);
      return {
        cursor: last && rows.length === limit ? { org: from.org, taskId: last.id } : await nextOrg(from.org),
        dropped: rows.length - kept.length,
        keptDays: [...new Set(kept.map(({ id }) => dayOfId(id)))],
      };
    },
    dropDays: (beforeMs, keptDays) => dropDays(db, beforeMs, keptDays),
    async forgetRequestIds(olderThanMs, limit) {
      const [row] = await db.write<{ forgotten: number }>(FORGET_REQUEST_IDS, [olderThanMs, limit]);
      return row?.forgotten ?? 0;
    },
  };
}
