import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Beside the bundled main program. */
const PROGRAM = fileURLToPath(new URL('./cpu-profile.js', import.meta.url));

/**
 * What makes a Node process write a CPU profile into a folder when it ends, in its environment.
 *
 * @param name the file is named by it and the process's id
 */
export function profiling(folder: string | undefined, name: string): Readonly<Record<string, string>> {
  if (folder === undefined) return {};
  mkdirSync(folder, { recursive: true });
  return {
    NODE_OPTIONS: `--import ${pathToFileURL(PROGRAM)}`,
    REEVE_BENCH_PROFILE: path.resolve(folder),
    REEVE_BENCH_PROFILE_NAME: name,
  };
}
