// Builds, then runs the simulation: `npm run simulate -- --schedules 5000 --seed 1`.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const run = (script, args) =>
  spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' }).status ?? 1;

const build = fileURLToPath(new URL('build.mjs', import.meta.url));
const built = run(build, ['sdk/typescript', 'src']);
process.exit(built === 0 ? run(await bundle('test/simulation'), process.argv.slice(2)) : built);
