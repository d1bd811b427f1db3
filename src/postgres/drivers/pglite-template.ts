import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** The major version of Postgres that this Reeve embeds. */
export const POSTGRES_MAJOR = 18;

/** The package it comes in. */
export const CURRENT_ENGINE = '@electric-sql/pglite';

/** An empty database, as a packed archive that the build makes. */
export const TEMPLATE = new URL(`./postgres-${POSTGRES_MAJOR}.tar.gz`, import.meta.url);

const BLOCK_BYTES = 512;

/** Unpacks the template into `dir`. False if none was built. */
export async function unpackTemplate(dir: string): Promise<boolean> {
  let archive: Buffer;
  try {
    archive = gunzipSync(await readFile(TEMPLATE));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  for (const { name, isFolder, bytes } of readTar(archive)) {
    const path = join(dir, name);
    await mkdir(isFolder ? path : dirname(path), { recursive: true, mode: 0o700 });
    if (!isFolder) await writeFile(path, bytes, { mode: 0o600 });
  }
  return true;
}

/** Plain files and folders with names of at most 100 bytes: what PGlite packs. */
function* readTar(archive: Buffer): Generator<{ name: string; isFolder: boolean; bytes: Buffer }> {
  for (let at = 0; at < archive.length && archive[at] !== 0; ) {
    const field = (offset: number, length: number) =>
      archive.toString('utf8', at + offset, at + offset + length).replace(/[\0 ].*$/s, '');
    const size = Number.parseInt(field(124, 12), 8) || 0;
    const start = at + BLOCK_BYTES;
    yield {
      name: field(0, 100),
      isFolder: field(156, 1) === '5',
      bytes: archive.subarray(start, start + size),
    };
    at = start + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
  }
}
