// Runs the tools that come with the dependencies, each by its own file: no npx, no shell.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { root } from './prepare.mjs';

const FILES = {
  biome: 'node_modules/@biomejs/biome/bin/biome',
  buf: 'node_modules/@bufbuild/buf/bin/buf',
  tsc: 'node_modules/typescript/bin/tsc',
  vitest: 'node_modules/vitest/vitest.mjs',
};

/** The environment with the tools of the dependencies and those of `.tools` on the path. */
export const environment = {
  ...process.env,
  PATH: [
    path.join(root, '.tools', 'bin'),
    path.join(root, '.tools', 'python', 'bin'),
    path.join(root, 'node_modules', '.bin'),
    process.env.PATH,
  ].join(path.delimiter),
};

/**
 * Runs a tool in the root folder with our output as its output.
 *
 * @param {keyof typeof FILES} tool
 * @param {string[]} args
 * @returns {number} its exit code; 1 if a signal ended it.
 */
export function runTool(tool, args) {
  return runScript(FILES[tool], args);
}

/** The same for a script of the repository. */
export function runScript(script, args = []) {
  const result = spawnSync(process.execPath, [path.join(root, script), ...args], {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (result.error) process.stderr.write(`${script}: ${result.error.message}\n`);
  return result.status ?? 1;
}
