// Everything that can be said about the code without running it: generated files are
// current, protos and code are formatted and linted, types fit, arrows point one way.
// It goes on after a complaint, so that one run shows them all.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { generate } from './generate.mjs';
import { root } from './prepare.mjs';
import { runTool } from './tools.mjs';

const steps = [
  ['generated files are current', generatedIsCurrent],
  ['protos are clean', () => runTool('buf', ['lint']) === 0],
  [
    'format and lint',
    () => runTool('biome', ['check', '--error-on-warnings', '--diagnostic-level=warn', '.']) === 0,
  ],
  ['types', () => runTool('tsc', ['-b']) === 0],
  ['house rules', () => runTool('vitest', ['run', '--reporter=dot', 'test/house']) === 0],
];

const failed = [];
for (const [name, holds] of steps) {
  process.stdout.write(`\n— ${name}\n`);
  if (!attempt(holds)) failed.push(name);
}
process.stdout.write(failed.length === 0 ? '\nAll checks hold.\n' : `\nFailed: ${failed.join(', ')}.\n`);
process.exitCode = failed.length === 0 ? 0 : 1;

function attempt(holds) {
  try {
    return holds();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    return false;
  }
}

/** Generates, and says which files that changed; uncommitted work is none of its business. */
function generatedIsCurrent() {
  const before = hashes();
  if (!generate()) return false;
  const after = hashes();
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (file) => before.get(file) !== after.get(file),
  );
  for (const file of changed) process.stderr.write(`${file} was not current; now it is. Commit it.\n`);
  return changed.length === 0;
}

/** The content of every file that is tracked or could be, by name. */
function hashes() {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const files = execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean);
  return new Map(files.map((file) => [file, hashOf(path.join(root, file))]));
}

function hashOf(file) {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  } catch {
    return 'missing';
  }
}
