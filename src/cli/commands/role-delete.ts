import type { Command } from '../command.js';
import { ROLE_VIEW } from '../output/directory-view.js';
import { showDeleted } from '../show-deleted.js';

export const ROLE_DELETE: Command = {
  path: ['role', 'delete'],
  summary: 'Delete a role',
  detail: 'Subjects that name it lose it. With -o json prints what it was.',
  args: [{ name: 'ROLE', doc: 'its id' }],
  examples: [{ line: 'reeve role delete reviewer', doc: 'for good' }],
  run: async (invocation) => {
    const [id = ''] = invocation.given.args;
    await showDeleted(invocation, ROLE_VIEW, 'role', await invocation.client().roles.delete(id));
    return 0;
  },
};
