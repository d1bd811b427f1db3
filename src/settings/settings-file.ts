import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { SettingsError } from './settings-error.js';
import { type Entries, parseSettingsText } from './settings-text.js';

/** The file that is read from the working folder, if it is there and no other is named. */
export const DEFAULT_SETTINGS_FILE = 'reeve.yaml';
const LARGEST_FILE_BYTES = 1_048_576;

export interface SettingsFile {
  /** As it was named. */
  readonly file: string;
  readonly entries: Entries;
}

/**
 * Reads the settings file. Its form is YAML (which JSON is too), whatever its name.
 *
 * @param named the file that a person named; empty or `undefined` for
 *   {@link DEFAULT_SETTINGS_FILE}, which need not be there
 * @param folder what relative names start from
 * @returns `undefined` if there is none and none was named
 * @throws SettingsError if it cannot be read, is larger than 1 MiB, or is not what it should be
 */
export function readSettingsFile(named: string | undefined, folder: string): SettingsFile | undefined {
  const file = named || DEFAULT_SETTINGS_FILE;
  let bytes: Uint8Array;
  try {
    const place = path.resolve(folder, file);
    const about = statSync(place);
    // A pipe or a device might never end.
    if (!about.isFile()) throw new Error('it is no file');
    if (about.size > LARGEST_FILE_BYTES) throw new Error(`it is larger than ${LARGEST_FILE_BYTES} bytes`);
    bytes = readFileSync(place);
  } catch (error) {
    if (!named && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(file, (error as Error).message);
  }
  return { file, entries: parseSettingsText(decoded(bytes, file), file) };
}

function decoded(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unreadable(file, 'it is not UTF-8');
  }
}

function unreadable(file: string, why: string): SettingsError {
  return new SettingsError([{ origin: file, fault: `the settings cannot be read: ${why}` }]);
}
