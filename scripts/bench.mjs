// Builds what is measured and what measures, then runs it: `npm run bench -- embedded --tasks 20000`.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const file = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const run = (script, args) =>
  spawnSync(process.execPath, [file(script), ...args], { stdio: 'inherit' }).status ?? 1;

const built = run('scripts/build.mjs', []);
process.exit(built === 0 ? run('dist/bench/main.js', process.argv.slice(2)) : built);
