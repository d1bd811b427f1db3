import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { openServer } from '../../src/postgres/drivers/server.js';
import { describeDatabase } from '../conformance/database.js';
import { SILENT } from '../support/pglite-record.js';
import { type PostgresServer, startPostgres } from '../support/servers/postgres-server.js';
import { openTcpProxy } from '../support/tcp-proxy.js';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

describeDatabase('Postgres', async () => openServer({ url: await server.createDatabase(), log: SILENT }));

it('a connection that breaks between two statements of a transaction fails the next one, and nothing else', async () => {
  const url = new URL(await server.createDatabase());
  const proxy = await openTcpProxy([url.host]);
  url.port = `${proxy.port}`;
  const db = openServer({ url: url.href, log: SILENT });
  onTestFinished(async () => {
    await db.close();
    proxy.close();
  });
  const one = { name: 'one', text: 'SELECT 1 AS one' };
  const broken = db.transaction(async (tx) => {
    await tx.run(one, []);
    proxy.cut();
    await expect.poll(() => proxy.size()).toBe(0);
    // The client hears of it in its own time.
    for (;;) await tx.run(one, []);
  });
  await expect(broken).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await db.write(one, [])).toEqual([{ one: 1 }]);
});
