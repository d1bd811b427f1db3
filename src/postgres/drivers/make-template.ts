import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import { TEMPLATE } from './pglite-template.js';

// Run by the build: makes the database that new ones are copies of, beside this file, unless
// it is there. Takes seconds, which every first start would take otherwise.
if (!existsSync(TEMPLATE)) {
  const database = await PGlite.create();
  const template = await database.dumpDataDir('gzip');
  await database.close();
  const draft = new URL(`${TEMPLATE.href}.${process.pid}`);
  await writeFile(draft, new Uint8Array(await template.arrayBuffer()));
  await rename(draft, TEMPLATE);
}
