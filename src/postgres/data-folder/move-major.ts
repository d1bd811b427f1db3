import { constants } from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ReeveError } from '../../domain/errors.js';
import type { Log } from '../../ports/log.js';
import type { Database } from '../database.js';
import { openPglite } from '../drivers/pglite.js';
import { copyRows } from './copy-rows.js';

/** The PGlite of an older Postgres major, a package of its own that only a move needs. */
export interface OldEngine {
  readonly module: string;
  /** What makes npm install it. */
  readonly install: string;
}

const OLD_ENGINES: Readonly<Record<number, OldEngine>> = {
  17: {
    module: 'pglite-postgres-17',
    install: 'npm install --no-save pglite-postgres-17@npm:@electric-sql/pglite@0.4.6',
  },
};

export interface Move {
  /** The data folder. */
  readonly dir: string;
  readonly fromMajor: number;
  readonly toMajor: number;
  readonly log: Log;
  /** Brings a database to the current migrations. */
  readonly migrate: (db: Database) => Promise<void>;
  readonly engine?: OldEngine;
}

/**
 * Makes `pg<toMajor>` out of `pg<fromMajor>`, which stays as it is: the work is done on a
 * copy. It can be cut off at any moment and begun again until the manifest says `toMajor`; a
 * `pg<toMajor>` that is there before holds nothing that was acknowledged, and goes.
 *
 * @throws ReeveError FAILED_PRECONDITION: the PGlite that can read the old folder isn't installed
 */
export async function moveMajor({ dir, fromMajor, toMajor, log, migrate, engine }: Move): Promise<void> {
  const { module } = requireEngine(dir, fromMajor, engine ?? OLD_ENGINES[fromMajor]);
  const copy = join(dir, `pg${fromMajor}.copy`);
  const partial = join(dir, `pg${toMajor}.partial`);
  const complete = join(dir, `pg${toMajor}`);
  log.warn({ dir, fromMajor, toMajor }, 'moving the data folder to a newer Postgres');
  for (const leftover of [copy, partial, complete]) await rm(leftover, { recursive: true, force: true });
  await cp(join(dir, `pg${fromMajor}`), copy, { recursive: true, mode: constants.COPYFILE_FICLONE });

  const from = await openPglite({ dir: copy, log, engine: module });
  try {
    const to = await openPglite({ dir: partial, log });
    try {
      await migrate(from);
      await migrate(to);
      const rows = await copyRows(from, to);
      log.warn({ dir, rows: Object.fromEntries(rows) }, `moved; pg${fromMajor} is kept and may be deleted`);
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
  await rename(partial, complete);
  await rm(copy, { recursive: true, force: true });
}

function requireEngine(dir: string, major: number, engine: OldEngine | undefined): OldEngine {
  if (!engine) {
    throw new ReeveError(
      'FAILED_PRECONDITION',
      'DATA_FOLDER_TOO_OLD',
      `the data folder ${dir} was written with Postgres ${major}, which this Reeve can't read: start it with an older Reeve first, or use another folder with --data (REEVE_DATA)`,
    );
  }
  try {
    createRequire(import.meta.url).resolve(engine.module);
    return engine;
  } catch {
    throw new ReeveError(
      'FAILED_PRECONDITION',
      'OLD_POSTGRES_MISSING',
      `the data folder ${dir} was written with Postgres ${major}; to move it, install what reads it, then start again: ${engine.install}`,
      { metadata: { install: engine.install } },
    );
  }
}
