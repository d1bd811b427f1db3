import type { MigrationReport } from './cli/world.js';
import { ReeveError } from './domain/errors.js';
import type { Log } from './ports/log.js';
import { asRefusal } from './postgres/check-server.js';
import type { Database } from './postgres/database.js';
import { migrate, readSchemaState } from './postgres/migrate.js';
import type { Settings } from './settings/table.js';
import { openRecord, placeOfRecord } from './stores.js';
import type { Patience } from './wait-for-store.js';

export interface MigrateOptions {
  readonly settings: Settings;
  readonly log: Log;
  readonly patience: Patience;
  /** Only look. */
  readonly plan: boolean;
}

/**
 * Waits for Postgres and brings the schema up to date.
 *
 * @throws as `openRecord` and `migrate`
 */
export async function migrateRecord({
  settings,
  log,
  patience,
  plan,
}: MigrateOptions): Promise<MigrationReport> {
  const db = await openRecord(settings, log, patience);
  try {
    const { version: before, pending: migrations } = await readSchemaState(db);
    if (!plan) await migrateAllowed(db);
    const { version: after } = await readSchemaState(db);
    return {
      database: placeOfRecord(settings),
      before,
      after,
      migrations: migrations.map(({ version, name, minCoordinator }) => ({ version, name, minCoordinator })),
    };
  } finally {
    await db.close();
  }
}

/**
 * What a coordinator does about its schema before it starts. It does not migrate unless it is told
 * to: a program that is put in place to be tried would move the schema on for all that run.
 *
 * @throws FAILED_PRECONDITION (SCHEMA_TOO_OLD), and as `migrate`
 */
export async function bringUpToDate(
  db: Database,
  { migrateAtStart }: Pick<Settings, 'migrateAtStart'>,
): Promise<void> {
  const { version, pending } = await readSchemaState(db);
  const newest = pending.at(-1);
  if (!newest) return;
  if (migrateAtStart) return migrateAllowed(db);
  throw new ReeveError(
    'FAILED_PRECONDITION',
    'SCHEMA_TOO_OLD',
    version === 0
      ? `the database holds no schema of Reeve yet, version ${newest.version} is needed`
      : `the schema is at version ${version}, this Reeve needs ${newest.version}`,
  );
}

async function migrateAllowed(db: Database): Promise<void> {
  await migrate(db).catch((error: unknown) => {
    throw asRefusal(error);
  });
}
