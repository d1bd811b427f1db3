import type { Command } from '../command.js';
import { OPERATION_VIEW } from '../output/operation-view.js';
import { showEach } from '../show.js';

export const OPERATION_CANCEL: Command = {
  path: ['operation', 'cancel'],
  summary: 'End operations early',
  detail: 'The batch under way, at most 500 tasks, is finished; what was done stays done.',
  args: [{ name: 'ID', doc: 'operation', many: true, complete: 'operation' }],
  examples: [{ line: 'reeve operation cancel ID', doc: 'one' }],
  run: async (invocation) => {
    const ids = [...new Set(invocation.given.args)];
    return showEach(invocation, OPERATION_VIEW, ids, (id) => invocation.client().operations.cancel(id));
  },
};
