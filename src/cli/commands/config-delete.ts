import type { Command } from '../command.js';
import { PARAMETER_VIEW } from '../output/config-view.js';
import { showDeleted } from '../show-deleted.js';

export const CONFIG_DELETE: Command = {
  path: ['config', 'delete'],
  summary: 'Unset a parameter: its default holds again',
  detail: 'On all coordinators within a second. With -o json prints what it was.',
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
    const deleted = await invocation.client().config.delete(key, options);
    if (!validateOnly) await showDeleted(invocation, PARAMETER_VIEW, 'parameter', deleted);
    else {
      await out.one(PARAMETER_VIEW, deleted);
      talk('It could be deleted. Nothing was changed.');
    }
    return 0;
  },
};
