import { afterAll, beforeAll } from 'vitest';
import { openServer } from '../../src/postgres/drivers/server.js';
import { describeDatabase } from '../conformance/database.js';
import { SILENT } from '../support/pglite-record.js';
import { type PostgresServer, startPostgres } from '../support/servers/postgres-server.js';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

describeDatabase('Postgres', async () => openServer({ url: await server.createDatabase(), log: SILENT }));
