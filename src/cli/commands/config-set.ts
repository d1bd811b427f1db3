import type { Command } from '../command.js';
import { jsonOrWord } from '../json-value.js';
import { PARAMETER_VIEW } from '../output/config-view.js';
import { readAll } from '../read-stream.js';

export const CONFIG_SET: Command = {
  path: ['config', 'set'],
  summary: 'Set a parameter of the organisation',
  detail:
    'It is in force on all coordinators within a second. The value is JSON; what is none is text, so that words need no quotes. Keys that Reeve does not know have a dot or a slash, and hold any JSON: policies see them as org.',
  args: [
    { name: 'KEY', doc: 'parameter', complete: 'parameter' },
    { name: 'VALUE', doc: 'JSON or text; - reads standard input', complete: 'value' },
  ],
  options: [
    { name: 'etag', value: 'ETAG', doc: 'only if it is still as it was read; * if it is not set yet' },
    { name: 'dry-run', doc: 'only check it' },
  ],
  examples: [
    { line: 'reeve config set agent_resolution_strategy static', doc: 'a word' },
    { line: 'reeve config set head_start_urgent 12h', doc: 'a duration' },
    { line: `reeve config set acme/limits '{"pages": 20}'`, doc: 'JSON, for policies of your own' },
  ],
  run: async (invocation) => {
    const { given, world, out, talk } = invocation;
    const [key = '', raw = ''] = given.args;
    const isPiped = raw === '-';
    const text = isPiped ? (await readAll(world.stdin)).trim() : raw;
    const value = jsonOrWord(text, isPiped ? 'standard input' : 'VALUE');
    const etag = given.text('etag');
    const validateOnly = given.switched('dry-run') ?? false;
    const options = { validateOnly, ...(etag !== undefined && { etag }) };
    await out.one(PARAMETER_VIEW, await invocation.client().config.set(key, value, options));
    if (validateOnly) talk('It is as it should be. Nothing was changed.');
    return 0;
  },
};
