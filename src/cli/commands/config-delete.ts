import type { Command } from '../command.js';
import { PARAMETER_VIEW } from '../output/config-view.js';

export const CONFIG_DELETE: Command = {
  path: ['config', 'delete'],
  summary: 'Unset a parameter: its default holds again',
  detail: 'Shows it as it was. On all coordinators within a second.',
  args: [{ name: 'KEY', doc: 'parameter', complete: 'parameter' }],
  options: [
    { name: 'etag', value: 'ETAG', doc: 'only if it is still as it was read' },
    { name: 'dry-run', doc: 'only check whether it could be' },
  ],
  examples: [{ line: 'reeve config delete approval_policy', doc: 'tasks are accepted again without one' }],
  run: async (invocation) => {
    const { given, out, talk } = invocation;
    const [key = ''] = given.args;
    const etag = given.text('etag');
    const validateOnly = given.switched('dry-run') ?? false;
    const options = { validateOnly, ...(etag !== undefined && { etag }) };
    await out.one(PARAMETER_VIEW, await invocation.client().config.delete(key, options));
    if (validateOnly) talk('It could be deleted. Nothing was changed.');
    return 0;
  },
};
