import { readFileSync } from 'node:fs';
import type { Statement } from './database.js';

const INCLUDE = /^-- include (\S+)\n/gm;

/**
 * Reads a statement from the .sql file beside the module that runs it. Its name is the
 * file's: no two statements share one. A line `-- include ./part.sql` stands for the text of
 * that file, which several statements share.
 */
export function loadStatement(file: string, importer: string): Statement {
  const text = readFileSync(new URL(file, importer), 'utf8').replace(INCLUDE, (_, part: string) =>
    readFileSync(new URL(part, new URL(file, importer)), 'utf8'),
  );
  return { name: file.replace(/^.*\//, '').replace(/\.sql$/, ''), text };
}
