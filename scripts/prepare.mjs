// What every script needs before it can do anything: a Node that is new enough, the
// dependencies of the lockfile, and a current build. On `node:` modules alone, so that it
// works on a fresh clone.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder, with a separator at its end. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Checks Node's version, installs the dependencies if `node_modules` isn't what the
 * lockfile says, and builds what has changed. Everything it has to say goes to stderr.
 *
 * @param {{ build?: boolean, say?: (line: string) => void }} [options] `build` is true by default;
 *   `say` is told about each step that takes a while.
 * @returns {{ installed: boolean }} whether it had to install.
 * @throws {Error} with a sentence for people, when something is missing or fails.
 */
export function prepare({ build = true, say = (line) => process.stderr.write(`${line}\n`) } = {}) {
  requireNode();
  const stale = staleDependency();
  if (stale) {
    say(`Installing dependencies (${stale}) …`);
    // Building needs the development dependencies, whatever NODE_ENV says.
    run(...npm('ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'));
  }
  if (build) {
    if (!existsSync(path.join(root, 'dist', 'main.js'))) say('Building …');
    run(process.execPath, [path.join(root, 'scripts', 'build.mjs')]);
  }
  return { installed: stale !== undefined };
}

function requireNode() {
  const wanted = readJson('package.json').engines.node.replace('>=', '').split('.').map(Number);
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > wanted[0] || (major === wanted[0] && minor >= wanted[1])) return;
  throw new Error(
    `Reeve needs Node ${wanted.join('.')} or newer; this is ${process.versions.node}. ` +
      'Get a newer one from https://nodejs.org and try again.',
  );
}

/** Says why an installation is needed, or nothing. Versions are compared, not times: a checkout touches files. */
function staleDependency() {
  if (!existsSync(path.join(root, 'node_modules', '.package-lock.json'))) return 'there are none yet';
  const installed = readJson('node_modules/.package-lock.json').packages;
  for (const [place, wanted] of Object.entries(readJson('package-lock.json').packages)) {
    const { version, link } = installed[place] ?? {};
    const current = wanted.link ? link : version === wanted.version;
    // Optional ones are those for other machines.
    const needed = place !== '' && !wanted.optional && !wanted.devOptional && !wanted.peer;
    if (needed && !current) return `${place.replace(/.*node_modules\//, '')} is new`;
  }
  return undefined;
}

/** npm as a child of this Node; on Windows it can only be started through a shell. */
function npm(...args) {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('npm-cli.js')) return [process.execPath, [cli, ...args]];
  return ['npm', args, { shell: process.platform === 'win32' }];
}

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  if (result.error) throw new Error(`${command} could not be started: ${result.error.message}`);
  if (result.status === 0) return;
  const ended = result.signal ? `was ended by ${result.signal}` : `failed with code ${result.status}`;
  throw new Error(
    `\`${[path.basename(command), ...args.map((arg) => path.relative(root, arg) || arg)].join(' ')}\` ${ended}.`,
  );
}

function readJson(file) {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8'));
}
