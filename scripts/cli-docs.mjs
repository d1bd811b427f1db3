// Writes docs/cli.md from the table of commands; `--check` only compares. Needs a build.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cliDocs } from '../dist/cli/docs.js';

const file = fileURLToPath(new URL('../docs/cli.md', import.meta.url));
const made = cliDocs();

if (!process.argv.includes('--check')) {
  writeFileSync(file, made);
} else if (readFileSync(file, 'utf8') !== made) {
  console.error('docs/cli.md is not current. Run: node scripts/cli-docs.mjs');
  process.exitCode = 1;
}
