// The main job, from a fresh clone: installs if needed, builds if needed, starts.
// Only `node:` modules: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare, root } from './prepare.mjs';

const main = path.join(root, 'dist', 'examples', 'digest', 'main.js');
const failure = path.join(root, 'dist', '.build-failed');
const projects = [
  { name: 'sdk/typescript', sources: 'sdk/typescript/src', output: 'sdk/typescript/dist' },
  { name: 'src', sources: 'src', output: 'dist' },
  { name: 'examples', sources: 'examples', output: 'dist/examples' },
];

try {
  prepare({ build: false });
} catch (error) {
  fail(
    `${error.message}\nIf it was npm: check that this machine reaches your registry (npm ping), then try again; by hand: npm ci --ignore-scripts`,
  );
}
if (!isBuilt()) build();
await import(pathToFileURL(main).href);

/** Whether every source has its output, no older than itself. */
function isBuilt() {
  if (existsSync(failure)) return false;
  return projects.every(({ sources, output }) => {
    // The compiler only dates this file when a source was touched without being changed.
    const checkedAt = modified(path.join(root, output, '.tsbuildinfo'));
    return readdirSync(path.join(root, sources), { recursive: true }).every((name) => {
      if (!/\.(ts|sql|lua)$/.test(name)) return true;
      const builtAt = modified(path.join(root, output, name.replace(/\.ts$/, '.js')));
      return builtAt > 0 && modified(path.join(root, sources, name)) <= Math.max(builtAt, checkedAt);
    });
  });
}

/** 0 if there is no such file. */
function modified(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function build() {
  say('Building …');
  const args = [path.join(root, 'scripts', 'build.mjs'), ...projects.map(({ name }) => name)];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  rmSync(failure, { force: true });
  if (status === 0) return;
  // The compiler writes its output all the same; it is not to be run.
  mkdirSync(path.dirname(failure), { recursive: true });
  writeFileSync(failure, '');
  fail('The build failed; what is above says where.');
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
