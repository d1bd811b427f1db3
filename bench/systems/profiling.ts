/** What makes a Node process write CPU profiles of its threads into a folder, in its environment. */
export function profiling(folder: string | undefined): Readonly<Record<string, string>> {
  return folder === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` };
}
