import { opendir } from 'node:fs/promises';
import path from 'node:path';

/** More files are not digested in one run. */
export const MOST_FILES = 3000;

export interface Collection {
  /** Relative to the folder, with `/`, in order. */
  readonly files: readonly string[];
  readonly leftOut: readonly { readonly reason: string; readonly count: number }[];
}

const DOCUMENTS = /\.(md|markdown|txt|d\.[cm]?ts)$/i;
/** What a folder is searched for, in words. */
export const FOLDER_KINDS = '.md, .markdown, .txt or .d.ts (.d.mts, .d.cts)';
const PROJECT_FILES = /\.(md|markdown|txt|[cm]?ts|mjs|proto)$/i;
const DEPENDENCY_FILES = /\.(md|markdown|d\.[cm]?ts)$/i;
// Built, generated, or planted with faults on purpose.
const NOT_THE_PROJECTS = /^(dist|coverage|test\/fixtures|(.*\/)?(dist|gen))$/;

/** The documents of a folder. Hidden folders and symbolic links are not followed. */
export async function collectFolder(root: string): Promise<Collection> {
  return bounded(await walk(root, '', (file) => DOCUMENTS.test(file), isHidden));
}

/** The project's own files, then the Markdown and declarations that it has installed. */
export async function collectProject(root: string): Promise<Collection> {
  const own = await walk(
    root,
    '',
    (file) => PROJECT_FILES.test(file),
    (folder) =>
      isHidden(folder) || NOT_THE_PROJECTS.test(folder) || path.posix.basename(folder) === 'node_modules',
  );
  const installed = await walk(root, 'node_modules', (file) => DEPENDENCY_FILES.test(file), isHidden);
  return bounded([...own, ...installed]);
}

function bounded(files: readonly string[]): Collection {
  const beyond = files.length - MOST_FILES;
  return {
    files: files.slice(0, MOST_FILES),
    leftOut: beyond > 0 ? [{ reason: `a run takes at most ${MOST_FILES}`, count: beyond }] : [],
  };
}

function isHidden(folder: string): boolean {
  return path.posix.basename(folder).startsWith('.');
}

async function walk(
  root: string,
  folder: string,
  wanted: (file: string) => boolean,
  unwanted: (folder: string) => boolean,
): Promise<string[]> {
  const files: string[] = [];
  const folders: string[] = [];
  const entries = await opendir(path.join(root, folder)).catch((error) => {
    // The folder asked for must be there; others may be closed to us or gone by now.
    if (folder === '') throw error;
  });
  if (!entries) return [];
  for await (const entry of entries) {
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isFile() && wanted(name)) files.push(name);
    else if (entry.isDirectory() && !unwanted(name)) folders.push(name);
  }
  files.sort();
  for (const inner of folders.sort()) files.push(...(await walk(root, inner, wanted, unwanted)));
  return files;
}
