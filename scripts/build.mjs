// Compiles everything with TypeScript's build mode, copies .sql and .lua files beside the code
// that reads them, and makes the empty database that new data folders begin with. `node scripts/build.mjs [project ...]`
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
const projects = process.argv.slice(2);
if (projects.length === 0) projects.push('sdk/typescript', 'src', 'examples');

const result = spawnSync(process.execPath, [tsc, '-b', ...projects], { cwd: root, stdio: 'inherit' });

for (const entry of readdirSync(path.join(root, 'src'), { recursive: true })) {
  const name = String(entry);
  if (/\.(sql|lua)$/.test(name)) cpSync(path.join(root, 'src', name), path.join(root, 'dist', name));
}
const main = path.join(root, 'dist', 'main.js');
if (existsSync(main)) chmodSync(main, 0o755);
// New data folders begin as a copy of an empty database instead of running initdb each time.
const template = path.join(root, 'dist', 'postgres', 'drivers', 'make-template.js');
if (result.status === 0 && existsSync(template)) {
  spawnSync(process.execPath, [template], { cwd: root, stdio: 'inherit' });
}
process.exit(result.status ?? 1);
