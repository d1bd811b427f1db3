import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ReeveError } from '../../domain/errors.js';

/** What `reeve.json` says; it marks a folder as Reeve's. */
export interface Manifest {
  readonly postgresMajor: number;
  /** The version of the Reeve that made the folder. */
  readonly createdBy: string;
}

const FILE = 'reeve.json';

/** `undefined` if there is none. */
export async function readManifest(dir: string): Promise<Manifest | undefined> {
  let text: string;
  try {
    text = await readFile(join(dir, FILE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { postgresMajor, createdBy } = JSON.parse(text) as Partial<Manifest>;
    if (Number.isInteger(postgresMajor))
      return { postgresMajor: Number(postgresMajor), createdBy: String(createdBy) };
  } catch {
    // Falls through to the same answer.
  }
  throw new ReeveError(
    'FAILED_PRECONDITION',
    'DATA_FOLDER_DAMAGED',
    `${join(dir, FILE)} is damaged: it should be like {"postgresMajor":18,"createdBy":"0.1.0"}`,
  );
}

/** In one step: a reader sees the old one or the new one. Only the folder's owner may. */
export async function writeManifest(dir: string, manifest: Manifest): Promise<void> {
  const draft = join(dir, 'owner', 'reeve.json.new');
  await writeFile(draft, `${JSON.stringify(manifest)}\n`);
  await rename(draft, join(dir, FILE));
}
