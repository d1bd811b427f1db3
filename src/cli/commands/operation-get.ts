import type { Command } from '../command.js';
import { OPERATION_VIEW } from '../output/operation-view.js';
import { showEach } from '../show.js';

export const OPERATION_GET: Command = {
  path: ['operation', 'get'],
  summary: 'Show operations',
  detail: 'One id gives one object, several give a list.',
  args: [{ name: 'ID', doc: 'operation', many: true, complete: 'operation' }],
  examples: [{ line: 'reeve operation get ID', doc: 'what it does and how far it is' }],
  run: async (invocation) => {
    const ids = [...new Set(invocation.given.args)];
    return showEach(invocation, OPERATION_VIEW, ids, (id) => invocation.client().operations.get(id));
  },
};
