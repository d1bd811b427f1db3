import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { openDataFolder } from '../../src/postgres/data-folder/data-folder.js';
import type { Database } from '../../src/postgres/database.js';
import { openPglite } from '../../src/postgres/drivers/pglite.js';
import { migrate } from '../../src/postgres/migrate.js';
import { ensurePartitions } from '../../src/postgres/partitions.js';
import { startLineProcess } from '../support/pglite-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const DAY = Date.parse('2025-01-31T12:00:00Z');
const TASKS = 700;

/** Every table with every row in a text that doesn't depend on the order. */
async function contents(db: Database): Promise<Record<string, string[]>> {
  const list =
    "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace";
  const tables: Record<string, string[]> = {};
  for (const { name } of await db.read<{ name: string }>({ name: '', text: list }, [])) {
    const text = `SELECT to_jsonb(t)::text AS row FROM "${name}" t ORDER BY 1`;
    tables[name] = (await db.read<{ row: string }>({ name: '', text }, [])).map(({ row }) => row);
  }
  return tables;
}

function files(dir: string): Record<string, string> {
  const paths = readdirSync(dir, { recursive: true }).map((name) => path.join(dir, String(name)));
  return Object.fromEntries(
    paths
      .filter((file) => statSync(file).isFile())
      .map((file) => [file, readFileSync(file).toString('latin1')]),
  );
}

let oldFolder: string;
let before: Record<string, string[]>;

/** A folder as a Reeve on Postgres 17 would have left it when it was killed. */
beforeAll(async () => {
  oldFolder = path.join(temporaryFolder('move'), 'data');
  cpSync(temporaryFolder('move'), oldFolder, { recursive: true });
  writeFileSync(path.join(oldFolder, 'reeve.json'), '{"postgresMajor":17,"createdBy":"0.0.9"}');
  const db = await openPglite({ dir: path.join(oldFolder, 'pg17'), log, engine: 'pglite-postgres-17' });
  await migrate(db);
  await ensurePartitions(db, DAY, 1);
  const id = `('0194bc53-0000-7000-8000-' || lpad(to_hex(g), 12, '0'))::uuid`;
  await db.exec(`
    INSERT INTO task (org, id, state, open, tier, band, score, seq, create_time, reason)
      SELECT 'default', ${id}, 'QUEUED', true, 'NORMAL', 'REST', g, 1, now() + g * interval '1 us',
        E'quotes " '' commas , brackets () {} \\\\ back\\nline and ümläut 🚀'
      FROM generate_series(1, ${TASKS}) g;
    INSERT INTO task_spec (org, task_id, kind, tier, source, submitter_subject_id, labels, requirements, retry, body)
      SELECT 'default', ${id}, 'digest', 'NORMAL', 'HUMAN', '', '{"a": "\\"x\\"", "n": null}', '{}', '{}',
        decode(repeat(md5(g::text), CASE WHEN g % 100 = 0 THEN 4000 ELSE 5 END), 'hex')
      FROM generate_series(1, ${TASKS}) g;
    INSERT INTO task_event (org, task_id, seq, type, state, epoch, series, attempt, deliveries)
      SELECT 'default', ${id}, 1, 'SUBMITTED', 'QUEUED', 0, 0, 0, 0 FROM generate_series(1, ${TASKS}) g;
    INSERT INTO agent (org, agent_id, spec, intent, seq) VALUES ('default', 'a', '{"capabilities": ["x"]}', 'ACTIVE', 1)`);
  before = await contents(db);
  await db.close();
}, 120_000);

function copyOfOldFolder(): string {
  const dir = path.join(temporaryFolder('move'), 'data');
  cpSync(oldFolder, dir, { recursive: true });
  return dir;
}

async function expectMoved(dir: string): Promise<void> {
  expect(JSON.parse(readFileSync(path.join(dir, 'reeve.json'), 'utf8'))).toEqual({
    postgresMajor: 18,
    createdBy: '0.0.9',
  });
  const folder = await openDataFolder({ dir, log, version: '0.1.0', migrate });
  expect(folder.movedFrom).toBeUndefined();
  const db = await openPglite({ dir: folder.pgDir, log });
  const [server] = await db.read<{ major: number }>(
    { name: '', text: "SELECT current_setting('server_version_num')::int / 10000 AS major" },
    [],
  );
  expect(server?.major).toBe(18);
  expect(await contents(db)).toEqual(before);
  await migrate(db);
  await ensurePartitions(db, DAY, 1);
  await db.close();
  await folder.release();
}

test('a folder of Postgres 17 is moved with every row once, and kept as it was', async () => {
  expect(before.task_spec_20250131).toHaveLength(TASKS);
  const dir = copyOfOldFolder();
  const old = files(path.join(dir, 'pg17'));
  const folder = await openDataFolder({ dir, log, version: '0.1.0', migrate });
  expect(folder.movedFrom).toBe(17);
  await folder.release();
  await expectMoved(dir);
  expect(files(path.join(dir, 'pg17'))).toEqual(old);
  expect(readdirSync(dir).sort()).toEqual(['owner', 'pg17', 'pg18', 'reeve.json']);
}, 120_000);

test('a move that was killed halfway is begun again at the next start', async () => {
  const dir = copyOfOldFolder();
  const mover = startLineProcess('pglite-mover.mjs', [dir]);
  expect(await mover.nextLine()).toBe('moving');
  await mover.kill();
  expect(existsSync(path.join(dir, 'pg18'))).toBe(false);
  expect((await openDataFolder({ dir, log, version: '0.1.0', migrate })).movedFrom).toBe(17);
}, 120_000);

test('without the old Postgres the error says what to install, and the folder stays as it was', async () => {
  const dir = copyOfOldFolder();
  const oldEngine = { module: 'no-such-pglite', install: 'npm install no-such-pglite@1' };
  await expect(openDataFolder({ dir, log, version: '0.1.0', migrate, oldEngine })).rejects.toMatchObject({
    code: 'FAILED_PRECONDITION',
    reason: 'OLD_POSTGRES_MISSING',
    message: expect.stringContaining('npm install no-such-pglite@1'),
  });
  expect(JSON.parse(readFileSync(path.join(dir, 'reeve.json'), 'utf8'))).toMatchObject({ postgresMajor: 17 });
});
