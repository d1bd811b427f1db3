import type { Command } from '../command.js';
import { TASK_VIEW } from '../output/task-view.js';
import { showEach } from '../show.js';

export const APPROVAL_APPROVE: Command = {
  path: ['approval', 'approve'],
  summary: "Let tasks go on that wait for a person's word",
  detail:
    'Each goes on as things are by then: it waits for its time and for other tasks as any. The same word again changes nothing; a task that waits for none is refused, exit code 5.',
  args: [{ name: 'TASK', doc: 'task to approve', many: true, complete: 'approval' }],
  options: [{ name: 'reason', value: 'TEXT', doc: 'why, for the audit trail and the submitter' }],
  examples: [{ line: 'reeve approval approve TASK --reason "checked with the owner"', doc: 'one' }],
  run: async (invocation) => {
    const { given, client } = invocation;
    const reason = given.text('reason') ?? '';
    return showEach(invocation, TASK_VIEW, [...new Set(given.args)], (id) =>
      client().approvals.approve(id, { reason }),
    );
  },
};
