import type { Command } from '../command.js';
import { SUBJECT_VIEW } from '../output/directory-view.js';

export const SUBJECT_DELETE: Command = {
  path: ['subject', 'delete'],
  summary: 'Delete a subject',
  detail: 'It loses its roles and groups; an agent of this id stays as it is. Prints what it was.',
  args: [{ name: 'SUBJECT', doc: 'its id' }],
  examples: [{ line: 'reeve subject delete agent-1', doc: 'for good' }],
  run: async (invocation) => {
    const [id = ''] = invocation.given.args;
    await invocation.out.one(SUBJECT_VIEW, await invocation.client().subjects.delete(id));
    return 0;
  },
};
