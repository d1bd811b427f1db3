// Opens the data folder argv[2] and writes numbered rows, printing each number when its write
// was acknowledged; upkeep runs between the writes. Ends by being killed.
import { openDataFolder } from '../../dist/postgres/data-folder/data-folder.js';
import { openPglite } from '../../dist/postgres/drivers/pglite.js';
import { createUpkeep } from '../../dist/postgres/drivers/upkeep.js';

const log = { debug() {}, info() {}, warn() {}, error: console.error };
const folder = await openDataFolder({ dir: process.argv[2], log, version: 'test', migrate: async () => {} });
const db = await openPglite({ dir: folder.pgDir, log });
await db.exec(
  'CREATE TABLE IF NOT EXISTS kept (n bigint PRIMARY KEY, body bytea); CREATE TABLE IF NOT EXISTS hot (id int PRIMARY KEY, n bigint)',
);
await db.exec('INSERT INTO hot VALUES (1, 0) ON CONFLICT DO NOTHING');
const upkeep = createUpkeep(db, { checkpointBytes: 3 * 1024 * 1024, deadRows: 50 });
const insert = { name: 'insert', text: 'INSERT INTO kept VALUES ($1, $2)' };
const update = { name: 'update', text: 'UPDATE hot SET n = $1 WHERE id = 1' };
const [{ next }] = await db.read(
  { name: 'next', text: 'SELECT coalesce(max(n), 0) + 1 AS next FROM kept' },
  [],
);
const body = new Uint8Array(20_000);
for (let n = next; ; n++) {
  crypto.getRandomValues(body);
  await db.transaction(async (connection) => {
    await connection.run(insert, [n, body]);
    await connection.run(update, [n]);
  });
  process.stdout.write(`${n}\n`);
  if (n % 20 === 0) await upkeep.runIfDue();
}
