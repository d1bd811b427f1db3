import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '@reeve/sdk';

/** Larger files are not read. */
export const LARGEST_FILE = 2 * 1024 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a document of the folder as text.
 *
 * @throws TaskError UNREADABLE, TOO_LARGE or NOT_TEXT, none of which another attempt would change
 */
export async function readDocument(root: string, document: string): Promise<string> {
  const file = path.join(root, document);
  let bytes: Buffer;
  try {
    const { size } = await stat(file);
    if (size > LARGEST_FILE) {
      throw final('TOO_LARGE', `${megabytes(size)} MiB, and at most ${megabytes(LARGEST_FILE)} are read`);
    }
    bytes = await readFile(file);
  } catch (error) {
    if (error instanceof TaskError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw final('UNREADABLE', `it could not be read (${code})`);
  }
  try {
    if (bytes.includes(0)) throw new TypeError('a NUL byte');
    return utf8.decode(bytes);
  } catch {
    throw final('NOT_TEXT', 'it is not UTF-8 text');
  }
}

function final(kind: string, message: string): TaskError {
  return new TaskError(kind, message, { retryable: false });
}

function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}
