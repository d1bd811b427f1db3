import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A script that Redis runs, by its text and by the hash that stands for it. */
export interface Script {
  readonly name: string;
  readonly text: string;
  readonly sha: string;
}

const INCLUDE = /^-- include (\S+)\n/gm;

/**
 * Reads a script from the .lua file beside the module that runs it. A line `-- include ./part.lua`
 * stands for the text of that file, which several scripts share.
 */
export function loadScript(file: string, importer: string): Script {
  const url = new URL(file, importer);
  const text = readFileSync(url, 'utf8').replace(INCLUDE, (_, part: string) =>
    readFileSync(new URL(part, url), 'utf8'),
  );
  const sha = createHash('sha1').update(text).digest('hex');
  return { name: file.replace(/^.*\//, '').replace(/\.lua$/, ''), text, sha };
}
