import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '@reeve/sdk';

const MOST_FILES = 1_000;

/** The files that the example's agent may read: those below one folder. */
export class Shelf {
  readonly #root: string;

  constructor(root: string) {
    this.#root = path.resolve(root);
  }

  /** Names of files, sorted. */
  async list(folder: string, suffix: string): Promise<string[]> {
    const entries = await tried(readdir(this.#inside(folder), { withFileTypes: true }), folder);
    const names = entries
      .filter((entry) => entry.isFile() && entry.name.endsWith(suffix))
      .map(({ name }) => name);
    if (names.length <= MOST_FILES) return names.sort();
    throw refused('TooManyFiles', `${folder} has more than ${MOST_FILES} files`);
  }

  read(...file: readonly string[]): Promise<string> {
    const name = path.join(...file);
    return tried(readFile(this.#inside(name), 'utf8'), name);
  }

  #inside(name: string): string {
    const full = path.resolve(this.#root, name);
    if (full === this.#root || full.startsWith(this.#root + path.sep)) return full;
    throw refused('OutsideOfFolder', `${name} is outside of the folder that this agent reads`);
  }
}

/** What another attempt would not change. */
export function refused(kind: string, message: string): TaskError {
  return new TaskError(kind, message, { retryable: false });
}

async function tried<T>(reading: Promise<T>, name: string): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw refused('NoSuchFile', `there is no ${name}`);
    }
    throw error;
  }
}
