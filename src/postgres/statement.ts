import { readFileSync } from 'node:fs';
import type { Statement } from './database.js';

/**
 * Reads a statement from the .sql file beside the module that runs it. Its name is the
 * file's: no two statements share one.
 */
export function loadStatement(file: string, importer: string): Statement {
  const text = readFileSync(new URL(file, importer), 'utf8');
  return { name: file.replace(/^.*\//, '').replace(/\.sql$/, ''), text };
}
