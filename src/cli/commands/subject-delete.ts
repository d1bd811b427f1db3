import type { Command } from '../command.js';
import { SUBJECT_VIEW } from '../output/directory-view.js';
import { showDeleted } from '../show-deleted.js';

export const SUBJECT_DELETE: Command = {
  path: ['subject', 'delete'],
  summary: 'Delete a subject',
  detail:
    'It loses its roles and groups; an agent of this id stays as it is. With -o json prints what it was.',
  args: [{ name: 'SUBJECT', doc: 'its id' }],
  examples: [{ line: 'reeve subject delete agent-1', doc: 'for good' }],
  run: async (invocation) => {
    const [id = ''] = invocation.given.args;
    await showDeleted(invocation, SUBJECT_VIEW, 'subject', await invocation.client().subjects.delete(id));
    return 0;
  },
};
