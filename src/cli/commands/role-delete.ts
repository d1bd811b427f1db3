import type { Command } from '../command.js';
import { ROLE_VIEW } from '../output/directory-view.js';

export const ROLE_DELETE: Command = {
  path: ['role', 'delete'],
  summary: 'Delete a role',
  detail: 'Subjects that name it lose it. Prints what it was.',
  args: [{ name: 'ROLE', doc: 'its id' }],
  examples: [{ line: 'reeve role delete reviewer', doc: 'for good' }],
  run: async (invocation) => {
    const [id = ''] = invocation.given.args;
    await invocation.out.one(ROLE_VIEW, await invocation.client().roles.delete(id));
    return 0;
  },
};
