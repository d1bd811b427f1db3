// Writes everything that is generated and committed: the protocol's TypeScript from the
// proto files (which it formats first) and the reference pages from the code. Nothing is fetched.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare, root } from './prepare.mjs';
import { runScript, runTool } from './tools.mjs';

/** Scripts that write a page each from the built code. */
const PAGES = ['scripts/cli-docs.mjs', 'scripts/config-docs.mjs', 'scripts/settings-docs.mjs'];

/** @returns {boolean} whether all of it went well. */
export function generate() {
  prepare({ build: false });
  if (runTool('buf', ['format', '--write']) !== 0) return false;
  if (runTool('buf', ['generate']) !== 0) return false;
  const pages = PAGES.filter((script) => existsSync(path.join(root, script)));
  if (pages.length === 0) return true;
  prepare();
  return pages.every((script) => runScript(script) === 0);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    process.exitCode = generate() ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
