import type { Command } from '../command.js';
import { eachTask } from '../each-task.js';

export const TASK_CANCEL: Command = {
  path: ['task', 'cancel'],
  summary: 'Cancel tasks',
  detail:
    'A task that waits is CANCELLED at once; one that an agent has is CANCELLING until the agent stops it.',
  args: [{ name: 'ID', doc: 'task, or - for ids from standard input', many: true, complete: 'task' }],
  options: [
    { name: 'reason', value: 'TEXT', doc: 'why, for the audit trail and the agent' },
    { name: 'grace', value: 'DURATION', doc: 'how long the agent has to stop', default: '5s' },
  ],
  examples: [
    { line: 'reeve task cancel ID --reason "wrong folder"', doc: 'one' },
    { line: 'reeve task list --label run=42 --state queued -o name | reeve task cancel -', doc: 'many' },
  ],
  run: async (invocation) => {
    const { given } = invocation;
    const reason = given.text('reason');
    const graceMs = given.duration('grace');
    const options = { ...(reason !== undefined && { reason }), ...(graceMs !== undefined && { graceMs }) };
    return eachTask(invocation, (id) => invocation.client().cancel(id, options));
  },
};
