import { type Arguments, UsageError } from './arguments.js';
import { type Collection, collectFolder, collectProject, FOLDER_KINDS } from './collect-files.js';
import { RunFolder } from './run-folder.js';

/** What is to be digested; nothing of it is on the disk that was not there before. */
export interface Plan {
  readonly root: string;
  /** The run that was interrupted. */
  readonly unfinished: RunFolder | undefined;
  /** The documents of a new run; `undefined` if the old one is resumed. */
  readonly collection: Collection | undefined;
}

/**
 * Finds the run to resume, or the documents of a new one.
 *
 * @throws UsageError if there is nothing to digest
 */
export async function planRun(args: Arguments, project: string): Promise<Plan> {
  const root = args.folder ?? project;
  const unfinished = await RunFolder.findUnfinished(args.runs, root);
  if (unfinished && !args.fresh) return { root, unfinished, collection: undefined };
  const collection = await (args.folder === undefined ? collectProject(root) : collectFolder(root));
  if (collection.files.length === 0) {
    throw new UsageError(
      `there is nothing to digest in ${root}: no ${FOLDER_KINDS} files (hidden folders and links are left out)`,
    );
  }
  return { root, unfinished, collection };
}

/** Opens the planned run; the one it takes the place of is given up. */
export async function openRun(
  args: Arguments,
  plan: Plan,
): Promise<{ readonly folder: RunFolder; readonly resumed: boolean }> {
  const { root, unfinished, collection } = plan;
  if (unfinished && !collection) {
    await unfinished.open();
    return { folder: unfinished, resumed: true };
  }
  if (unfinished) await unfinished.write({ ...(await unfinished.read()), status: 'GIVEN_UP' });
  const createTime = new Date().toISOString();
  const run = { root, createTime, files: collection?.files ?? [], leftOut: collection?.leftOut ?? [] };
  return { folder: await RunFolder.create(args.runs, run), resumed: false };
}
