import type { Command } from '../command.js';
import { TASK_VIEW } from '../output/task-view.js';
import { showEach } from '../show.js';

export const APPROVAL_REJECT: Command = {
  path: ['approval', 'reject'],
  summary: "Reject tasks that wait for a person's word",
  detail:
    'They are REJECTED for good, and what waits for them is skipped. The same word again changes nothing; a task that waits for none is refused, exit code 5.',
  args: [{ name: 'TASK', doc: 'task to reject', many: true, complete: 'approval' }],
  options: [{ name: 'reason', value: 'TEXT', doc: 'why, for the audit trail and the submitter' }],
  examples: [{ line: 'reeve approval reject TASK --reason "too expensive"', doc: 'one' }],
  run: async (invocation) => {
    const { given, client } = invocation;
    const reason = given.text('reason') ?? '';
    return showEach(invocation, TASK_VIEW, [...new Set(given.args)], (id) =>
      client().approvals.reject(id, { reason }),
    );
  },
};
