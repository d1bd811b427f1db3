import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { ReeveError } from '../domain/errors.js';
import type { Database } from './database.js';

/** One numbered file of `migrations/`. Files are only ever added. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
  /** The oldest coordinator that can work with the schema from here on. */
  readonly minCoordinator: number;
}

interface Applied {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
  readonly min_coordinator: number;
}

/** One at a time: of two that create it at once, `IF NOT EXISTS` lets one fail. The lock ends with the transaction. */
const SCHEMA_MIGRATION = `
  SELECT pg_advisory_xact_lock(hashtext('reeve schema_migration'));
  CREATE TABLE IF NOT EXISTS schema_migration (
    version integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    min_coordinator integer NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`;

const LIST_APPLIED = {
  name: 'list-applied-migrations',
  text: 'SELECT version, name, checksum, min_coordinator FROM schema_migration ORDER BY version',
};

const HAS_APPLIED = {
  name: 'has-applied-migrations',
  text: `SELECT to_regclass('schema_migration') IS NOT NULL AS found,
    to_regclass('task') IS NOT NULL AS has_tasks`,
};

/** How far a database's schema is from what this coordinator goes by. */
export interface SchemaState {
  /** The newest migration that was applied; 0: there is no schema yet. */
  readonly version: number;
  /** Those that are still to be applied, oldest first. */
  readonly pending: readonly Migration[];
}

/**
 * Looks, and changes nothing.
 *
 * @throws ReeveError FAILED_PRECONDITION (SCHEMA_TOO_NEW, SCHEMA_DIFFERS, SCHEMA_FOREIGN), as `migrate`
 */
export async function readSchemaState(
  db: Database,
  known: readonly Migration[] = readMigrations(),
): Promise<SchemaState> {
  const [has] = await db.read<{ found: boolean; has_tasks: boolean }>(HAS_APPLIED, []);
  const applied = has?.found ? await db.read<Applied>(LIST_APPLIED, []) : [];
  if (applied.length === 0 && has?.has_tasks) {
    throw new ReeveError(
      'FAILED_PRECONDITION',
      'SCHEMA_FOREIGN',
      'the database has a table "task" that no migration of Reeve has made',
    );
  }
  check(applied, known);
  return {
    version: Math.max(0, ...applied.map((a) => a.version)),
    pending: known.filter((m) => !applied.some((a) => a.version === m.version)),
  };
}

/**
 * Brings the schema up to date. Safe to run in several processes at once: each migration
 * and its row in `schema_migration` are one transaction. A coordinator's own number is that
 * of the newest migration it knows; a schema that was moved on by a newer one is accepted
 * as long as its `min_coordinator` allows it.
 *
 * @throws ReeveError FAILED_PRECONDITION: the schema is too new, a migration that was applied
 *   is not the one that is known by its number, or the tables are somebody else's
 */
export async function migrate(db: Database, known: readonly Migration[] = readMigrations()): Promise<void> {
  await readSchemaState(db, known);
  await db.exec(SCHEMA_MIGRATION);
  let applied = await db.read<Applied>(LIST_APPLIED, []);
  check(applied, known);
  for (const migration of known) {
    if (applied.some((a) => a.version === migration.version)) continue;
    try {
      await db.exec(`${claimOf(migration)};\n${migration.sql}`);
    } catch (error) {
      applied = await db.read<Applied>(LIST_APPLIED, []);
      if (!applied.some((a) => a.version === migration.version)) throw error;
      check(applied, known);
    }
  }
}

/** The migrations that come with this coordinator, oldest first. */
export function readMigrations(): Migration[] {
  const folder = new URL('./migrations/', import.meta.url);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => parseMigration(file, readFileSync(new URL(file, folder), 'utf8')));
}

/** @param file `NNNN_name.sql`, whose first line is `-- min_coordinator: N` */
export function parseMigration(file: string, sql: string): Migration {
  const [, version, name] = /^(\d{4})_([a-z0-9_]+)\.sql$/.exec(file) ?? [];
  const [, minCoordinator] = /^-- min_coordinator: (\d+)\n/.exec(sql) ?? [];
  if (!version || !name || !minCoordinator) throw new Error(`${file} is not named or headed as a migration`);
  const checksum = createHash('sha256').update(sql).digest('hex');
  return { version: Number(version), name, sql, checksum, minCoordinator: Number(minCoordinator) };
}

/** Goes first: of two processes, the second waits here and then fails on the key. */
function claimOf(m: Migration): string {
  return `INSERT INTO schema_migration (version, name, checksum, min_coordinator)
    VALUES (${m.version}, '${m.name}', '${m.checksum}', ${m.minCoordinator})`;
}

function check(applied: readonly Applied[], known: readonly Migration[]): void {
  const coordinator = Math.max(0, ...known.map((m) => m.version));
  const required = Math.max(0, ...applied.map((a) => a.min_coordinator));
  if (required > coordinator) {
    throw new ReeveError(
      'FAILED_PRECONDITION',
      'SCHEMA_TOO_NEW',
      `the record was moved on by a newer Reeve: it needs schema ${required}, this one knows ${coordinator}`,
    );
  }
  for (const a of applied) {
    const ours = known.find((m) => m.version === a.version);
    if (ours && ours.checksum !== a.checksum) {
      throw new ReeveError(
        'FAILED_PRECONDITION',
        'SCHEMA_DIFFERS',
        `migration ${a.version} (${a.name}) was applied in another form than this Reeve knows`,
      );
    }
  }
}
