import { openServer } from '../../../src/postgres/drivers/server.js';
import { type PgliteRecord, recordOn, SILENT } from '../pglite-record.js';
import { startPostgres } from './postgres-server.js';

/** The record on a Postgres server of this test's own. */
export async function openServerRecord(): Promise<PgliteRecord> {
  const server = await startPostgres();
  const opened = await recordOn(openServer({ url: await server.createDatabase(), log: SILENT }));
  return {
    ...opened,
    async close() {
      await opened.close();
      await server.stop();
    },
  };
}
