import type { TaskState } from '@reeve/sdk';
import { actOnTasks, BULK_ARGUMENT, BULK_RULE, bulkOptions } from '../bulk/act-on-tasks.js';
import type { Command } from '../command.js';

const STATES: readonly TaskState[] = ['FAILED', 'DEAD_LETTER', 'TIMED_OUT', 'CANCELLED'];

export const TASK_RETRY: Command = {
  path: ['task', 'retry'],
  summary: 'Begin the attempts of tasks anew',
  detail: `For tasks that are FAILED, DEAD_LETTER, TIMED_OUT or CANCELLED; one that is SKIPPED waits again when what it was skipped for is retried. A deadline that has passed no longer holds, and the event says which it was; the timeout of a task of a workflow counts anew. ${BULK_RULE}`,
  args: [BULK_ARGUMENT],
  options: [
    ...bulkOptions(STATES, 'all that can be retried, those that were cancelled too'),
    { name: 'reason', value: 'TEXT', doc: 'why, for the audit trail' },
  ],
  examples: [
    { line: 'reeve task retry ID', doc: 'one' },
    {
      line: 'reeve task retry --state dead_letter',
      doc: 'all that were given up, after a look and a question',
    },
    { line: 'reeve task retry --state failed --kind crawl --yes', doc: 'in a script' },
  ],
  run: async (invocation) => {
    const reason = invocation.given.text('reason');
    const options = reason === undefined ? {} : { reason };
    return actOnTasks(invocation, {
      name: 'retry',
      done: 'retried',
      states: STATES,
      act: (id) => invocation.client().retry(id, options),
      begin: (filter, { dryRun = false }) =>
        invocation.client().operations.retryTasks(filter, { ...options, dryRun }),
    });
  },
};
