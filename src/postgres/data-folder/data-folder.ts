import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ReeveError } from '../../domain/errors.js';
import type { Log } from '../../ports/log.js';
import type { Database } from '../database.js';
import { POSTGRES_MAJOR } from '../drivers/pglite-template.js';
import { ownFolder } from './folder-owner.js';
import { type Manifest, type RememberedPorts, readManifest, writeManifest } from './manifest.js';
import { moveMajor, type OldEngine } from './move-major.js';

/** What may lie in a folder that is not Reeve's yet: another start is at it, or was killed. */
const BEGINNINGS = new Set(['owner', 'owner.sock']);

export interface DataFolderOptions {
  /** Made if it isn't there; may be relative. */
  readonly dir: string;
  readonly log: Log;
  /** Of this Reeve. */
  readonly version: string;
  /** Brings a database to the current migrations; used when an older folder is moved. */
  readonly migrate: (db: Database) => Promise<void>;
  /** The PGlite that reads an older folder; default the one known for its major. */
  readonly oldEngine?: OldEngine;
}

/** A data folder that this process alone may use, ready to be opened. */
export interface DataFolder {
  /** Absolute. */
  readonly dir: string;
  /** The folder to open with PGlite; not there yet if it is new. */
  readonly pgDir: string;
  /** The Postgres major it was moved from by this call. */
  readonly movedFrom?: number;
  /** Where a coordinator of this folder served when the default ports were taken. */
  readonly ports: RememberedPorts;
  /** Keeps these along with what is remembered. */
  rememberPorts(ports: RememberedPorts): Promise<void>;
  /** Tells others who ask for the folder where its owner serves, `host:port`. */
  announce(address: string): void;
  /** Gives the folder free; close the database before. Safe to call twice. */
  release(): Promise<void>;
}

/**
 * Takes possession of a data folder and brings it to the current Postgres major.
 *
 * @throws ReeveError FAILED_PRECONDITION with reason DATA_FOLDER_IN_USE, DATA_FOLDER_NOT_OURS,
 *   DATA_FOLDER_TOO_NEW, DATA_FOLDER_TOO_OLD, DATA_FOLDER_DAMAGED, DATA_FOLDER_UNUSABLE,
 *   OLD_POSTGRES_MISSING; the message names the folder and what to do
 */
export async function openDataFolder(options: DataFolderOptions): Promise<DataFolder> {
  const dir = resolve(options.dir);
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await inspect(dir);
    const owner = await ownFolder(dir);
    try {
      const { manifest, movedFrom } = await prepare(dir, options);
      const known = manifest.ports ?? {};
      return {
        dir,
        ports: known,
        rememberPorts: (ports) => writeManifest(dir, { ...manifest, ports: { ...known, ...ports } }),
        pgDir: join(dir, `pg${POSTGRES_MAJOR}`),
        ...(movedFrom !== undefined && { movedFrom }),
        announce: owner.announce,
        release: owner.release,
      };
    } catch (error) {
      await owner.release();
      throw error;
    }
  } catch (error) {
    throw unusable(dir, error);
  }
}

/** The folder's manifest, or undefined if it is empty. Refuses what isn't ours to use. */
async function inspect(dir: string): Promise<Manifest | undefined> {
  // The names first: whoever makes more than the beginnings wrote the manifest before.
  const names = await readdir(dir);
  const manifest = await readManifest(dir);
  const stranger = manifest ? undefined : names.find((name) => !BEGINNINGS.has(name));
  if (stranger !== undefined) {
    throw new ReeveError(
      'FAILED_PRECONDITION',
      'DATA_FOLDER_NOT_OURS',
      `${dir} is not a data folder of Reeve and not empty (it holds ${stranger}): give an empty or a new folder with --data (REEVE_DATA)`,
    );
  }
  if (manifest && manifest.postgresMajor > POSTGRES_MAJOR) {
    throw new ReeveError(
      'FAILED_PRECONDITION',
      'DATA_FOLDER_TOO_NEW',
      `the data folder ${dir} holds Postgres ${manifest.postgresMajor}, this Reeve has ${POSTGRES_MAJOR}: use a newer Reeve, or another folder with --data (REEVE_DATA)`,
    );
  }
  return manifest;
}

/**
 * Moves an older database. The manifest says which one counts: it is set to a major when that
 * one is complete, or when there is none yet.
 *
 * @returns what it says now, and the major it was moved from, if it was
 */
async function prepare(
  dir: string,
  options: DataFolderOptions,
): Promise<{ readonly manifest: Manifest; readonly movedFrom?: number }> {
  const { log, version, migrate, oldEngine } = options;
  const manifest = (await inspect(dir)) ?? { postgresMajor: POSTGRES_MAJOR, createdBy: version };
  await writeManifest(dir, manifest);
  const fromMajor = manifest.postgresMajor;
  if (fromMajor === POSTGRES_MAJOR) return { manifest };
  if (!existsSync(join(dir, `pg${fromMajor}`))) {
    throw new ReeveError(
      'FAILED_PRECONDITION',
      'DATA_FOLDER_DAMAGED',
      `the data folder ${dir} should hold pg${fromMajor} and does not: put it back, or give another folder with --data (REEVE_DATA)`,
    );
  }
  await moveMajor({
    dir,
    fromMajor,
    toMajor: POSTGRES_MAJOR,
    log,
    migrate,
    ...(oldEngine && { engine: oldEngine }),
  });
  const moved = { ...manifest, postgresMajor: POSTGRES_MAJOR };
  await writeManifest(dir, moved);
  return { manifest: moved, movedFrom: fromMajor };
}

const FILE_SYSTEM_ERRORS = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'EEXIST',
  'ENOSPC',
  'ENOTSUP',
  'EOPNOTSUPP',
]);

function unusable(dir: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof ReeveError || !FILE_SYSTEM_ERRORS.has(code ?? '')) return error;
  return new ReeveError(
    'FAILED_PRECONDITION',
    'DATA_FOLDER_UNUSABLE',
    `the data folder ${dir} can't be used (${message}): give another one with --data (REEVE_DATA)`,
  );
}
