import type { Command } from '../command.js';
import { eachTask } from '../each-task.js';

export const TASK_RETRY: Command = {
  path: ['task', 'retry'],
  summary: 'Begin the attempts of tasks anew',
  detail: 'For tasks that are FAILED, DEAD_LETTER, TIMED_OUT or CANCELLED.',
  args: [{ name: 'ID', doc: 'task, or - for ids from standard input', many: true, complete: 'task' }],
  options: [{ name: 'reason', value: 'TEXT', doc: 'why, for the audit trail' }],
  examples: [
    { line: 'reeve task retry ID', doc: 'one' },
    {
      line: 'reeve task list --state dead_letter -o name | reeve task retry -',
      doc: 'all that were given up',
    },
  ],
  run: async (invocation) => {
    const reason = invocation.given.text('reason');
    const options = reason === undefined ? {} : { reason };
    return eachTask(invocation, (id) => invocation.client().retry(id, options));
  },
};
