import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { SettingsError } from './settings-error.js';
import { type Entries, parseSettingsText } from './settings-text.js';

/** The file that is read from the working folder, if it is there and no other is named. */
export const DEFAULT_SETTINGS_FILE = 'reeve.yaml';
const LARGEST_FILE_BYTES = 1_048_576;
const MISSING: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);
const FORBIDDEN: ReadonlySet<string> = new Set(['EACCES', 'EPERM']);
const MAKE_ONE = 'Name a file that is there, or make one to start with: reeve settings --defaults > FILE';

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
  const place = path.resolve(folder, file);
  let bytes: Uint8Array;
  try {
    const about = statSync(place);
    // A pipe or a device might never end.
    if (!about.isFile()) throw new Error('it is no file');
    if (about.size > LARGEST_FILE_BYTES) throw new Error(`it is larger than ${LARGEST_FILE_BYTES} bytes`);
    bytes = readFileSync(place);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (!named && code === 'ENOENT') return undefined;
    if (MISSING.has(code)) throw unreadable(file, `there is no file ${place}`, MAKE_ONE);
    throw unreadable(file, FORBIDDEN.has(code) ? `${place} may not be read by this user` : message);
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

function unreadable(file: string, why: string, hint?: string): SettingsError {
  return new SettingsError([{ origin: file, fault: `the settings cannot be read: ${why}` }], hint);
}
