import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { JsonObject } from '@bufbuild/protobuf';
import type { Command } from '../command.js';
import { usageError } from '../failure.js';
import { JOB_KIND_VIEW } from '../output/config-view.js';
import { readAll } from '../read-stream.js';

export const KIND_PUT: Command = {
  path: ['kind', 'put'],
  summary: 'Say what tasks of a kind have to be like',
  detail:
    'In force on all coordinators within a second, for tasks that are submitted from then on. All of it takes the place of what was said before.',
  args: [{ name: 'KIND', doc: 'kind of the tasks', complete: 'kind' }],
  options: [
    {
      name: 'schema',
      value: 'FILE',
      doc: 'JSON Schema of the input (draft 2020-12 or 7); - reads standard input',
      complete: 'file',
    },
    {
      name: 'require',
      value: 'FIELD',
      doc: 'has to be set: goal, intent, job_space_id, submitter_subject_id, deadline, input, labels.NAME',
      many: true,
    },
    {
      name: 'validate',
      value: 'CEL',
      doc: 'looked at right before an agent gets the task; false, or a text that says what is wrong, skips it',
    },
    {
      name: 'preemptible',
      doc: 'LOW tasks of it may be sent back while they run, where a person waits for a slot',
    },
    { name: 'description', value: 'TEXT', doc: 'what such tasks are' },
    { name: 'etag', value: 'ETAG', doc: 'only if it is still as it was read; * if nothing is said yet' },
    { name: 'dry-run', doc: 'only check it' },
  ],
  examples: [
    { line: 'reeve kind put document.summarize --schema summarize.schema.json', doc: 'what its input is' },
    { line: 'reeve kind put report --require goal --require labels.team', doc: 'what may not be missing' },
    {
      line: `reeve kind put mail --validate "now - task.create_time < duration('1h')"`,
      doc: 'what is out of date is not done',
    },
  ],
  run: async (invocation) => {
    const { given, world, out, talk } = invocation;
    const [kind = ''] = given.args;
    const file = given.text('schema');
    const inputSchema = file === undefined ? undefined : await readSchema(file, world.stdin);
    const validate = given.text('validate');
    const description = given.text('description');
    const etag = given.text('etag');
    const validateOnly = given.switched('dry-run') ?? false;
    const jobKind = {
      kind,
      requiredFields: given.list('require'),
      preemptible: given.switched('preemptible') ?? false,
      ...(inputSchema && { inputSchema }),
      ...(validate !== undefined && { validate }),
      ...(description !== undefined && { description }),
    };
    const options = { validateOnly, ...(etag !== undefined && { etag }) };
    await out.one(JOB_KIND_VIEW, await invocation.client().jobKinds.put(jobKind, options));
    if (validateOnly) talk('It is as it should be. Nothing was changed.');
    return 0;
  },
};

/** @throws usage errors that name the file */
async function readSchema(file: string, stdin: Readable): Promise<JsonObject> {
  const origin = file === '-' ? 'standard input' : file;
  let text: string;
  try {
    text = file === '-' ? await readAll(stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw usageError(`--schema: ${error instanceof Error ? error.message : error}`, 'Check the path.');
  }
  try {
    const schema: unknown = JSON.parse(text);
    if (typeof schema === 'object' && schema !== null && !Array.isArray(schema)) return schema as JsonObject;
  } catch (error) {
    throw usageError(`--schema: ${origin} is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  throw usageError(`--schema: ${origin} holds no JSON object`);
}
