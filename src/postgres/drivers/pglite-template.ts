import { readFile } from 'node:fs/promises';

/** The major version of Postgres that this Reeve embeds. */
export const POSTGRES_MAJOR = 18;

/** The package it comes in. */
export const CURRENT_ENGINE = '@electric-sql/pglite';

/** An empty database, packed. */
export const TEMPLATE = new URL(`./postgres-${POSTGRES_MAJOR}.tar.gz`, import.meta.url);

/** The template, or undefined where none was built: a new database is then made from nothing. */
export async function readTemplate(): Promise<Blob | undefined> {
  try {
    return new Blob([await readFile(TEMPLATE)], { type: 'application/x-gzip' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
