import type { JsonValue } from '@bufbuild/protobuf';
import type { WorkflowContextPatch } from '@reeve/sdk';
import type { Command } from '../command.js';
import { usageError } from '../failure.js';
import type { Given } from '../given.js';
import { jsonOrWord } from '../json-value.js';
import { missingPart } from '../missing-part.js';
import { json } from '../output/json.js';
import type { View } from '../output/view.js';

interface Shown {
  readonly path: string;
  readonly value?: JsonValue;
  /** Of the path, for `--if-version`. */
  readonly pathVersion: number;
  /** Of the context, for `--at` and `--restore`. */
  readonly contextVersion: number;
}

const CONTEXT_VIEW: View<Shown> = {
  id: ({ path }) => path,
  version: ({ contextVersion }) => String(contextVersion),
  columns: [
    { title: 'path', value: ({ path }) => path },
    { title: 'value', value: ({ value }) => (value === undefined ? undefined : JSON.stringify(value)) },
    { title: 'pathVersion', value: ({ pathVersion }) => pathVersion },
    { title: 'contextVersion', value: ({ contextVersion }) => contextVersion },
  ],
  details: ({ path, value, pathVersion, contextVersion }) => [
    ['Version', path ? `${pathVersion} (context ${contextVersion})` : String(contextVersion)],
    ['Value', value === undefined ? 'nothing' : json(value)],
  ],
};

export const WORKFLOW_CONTEXT: Command = {
  path: ['workflow', 'context'],
  summary: 'Show the context of a workflow, or change it',
  detail:
    'Changes are made all together or not at all, while the workflow runs; then what there is at PATH is shown. Without a change, a PATH at which there is nothing is an error, exit code 3. A context as it was can be shown, and made to be again.',
  args: [
    { name: 'ID', doc: 'workflow', complete: 'workflow' },
    { name: 'PATH', doc: 'part of it, such as outputs.digest', optional: true },
  ],
  options: [
    { name: 'at', value: 'VERSION', doc: 'as it was at this version of the context' },
    {
      name: 'set',
      value: 'PATH=VALUE',
      doc: 'put this there: JSON, or any other text as itself',
      many: true,
    },
    { name: 'unset', value: 'PATH', doc: 'take away what is there', many: true },
    {
      name: 'if-version',
      value: 'VERSION',
      doc: 'only if what is changed has this version still; 0: nothing was there',
    },
    { name: 'restore', value: 'VERSION', doc: 'make it as it was at this version' },
  ],
  examples: [
    { line: 'reeve workflow context ID outputs.digest -o json | jq .value', doc: 'one result' },
    { line: `reeve workflow context ID --set limit=5 --set user='{"name":"Ada"}'`, doc: 'change it' },
    { line: 'reeve workflow context ID --restore 4', doc: 'undo what came after version 4' },
  ],
  run: async ({ given, out, client }) => {
    const [id = '', path = ''] = given.args;
    const { workflows } = client();
    const patches = patchesFrom(given);
    const restored = versionOf(given, 'restore');
    if (restored !== undefined && patches.length > 0) {
      throw usageError('--restore excludes --set and --unset');
    }
    if (restored !== undefined) await workflows.restoreContext(id, restored);
    else if (patches.length > 0) await workflows.updateContext(id, patches);
    const version = versionOf(given, 'at');
    const read = (at: string) =>
      workflows.get(id, { full: at === '', path: at, ...(version !== undefined && { version }) });
    const { context, pathVersion, contextVersion, finishTime } = await read(path);
    const isChanged = restored !== undefined || patches.length > 0;
    if (path !== '' && context === undefined && !isChanged) {
      const mayCome = finishTime === undefined && version === undefined;
      throw await missingPart({
        ...{ workflowId: id, path, mayCome },
        read: async (at) => (await read(at)).context,
      });
    }
    const value = context === undefined ? {} : { value: context };
    await out.one(CONTEXT_VIEW, { path, ...value, pathVersion, contextVersion });
    return 0;
  },
};

function patchesFrom(given: Given): WorkflowContextPatch[] {
  const set = Object.entries(given.pairs('set')).map(([path, text]) => {
    return { path, value: jsonOrWord(text, `--set ${path}`) };
  });
  const patches = [...set, ...given.list('unset').map((path) => ({ path }))];
  const expectedVersion = versionOf(given, 'if-version');
  if (expectedVersion === undefined) return patches;
  if (patches.length !== 1) throw usageError('--if-version goes with one --set or --unset');
  return patches.map((patch) => ({ ...patch, expectedVersion }));
}

function versionOf(given: Given, name: string): number | undefined {
  return given.count(name, { min: 0, max: 999_999_999 });
}
