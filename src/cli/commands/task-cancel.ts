import type { TaskState } from '@reeve/sdk';
import { actOnTasks, BULK_ARGUMENT, BULK_RULE, bulkOptions } from '../bulk/act-on-tasks.js';
import type { Command } from '../command.js';

/** Those of tasks that have not ended, but CANCELLING, where a cancel changes nothing. */
const STATES: readonly TaskState[] = [
  'AWAITING_APPROVAL',
  'BLOCKED',
  'SCHEDULED',
  'QUEUED',
  'ASSIGNED',
  'RUNNING',
  'PREEMPTING',
  'INPUT_REQUIRED',
];

export const TASK_CANCEL: Command = {
  path: ['task', 'cancel'],
  summary: 'Cancel tasks',
  detail: `A task that waits is CANCELLED at once; one that an agent has is CANCELLING until the agent stops it. ${BULK_RULE}`,
  args: [BULK_ARGUMENT],
  options: [
    ...bulkOptions(STATES, 'all that have not ended'),
    { name: 'reason', value: 'TEXT', doc: 'why, for the audit trail and the agent' },
    { name: 'grace', value: 'DURATION', doc: 'how long the agent has to stop', default: '5s' },
  ],
  examples: [
    { line: 'reeve task cancel ID --reason "wrong folder"', doc: 'one' },
    { line: 'reeve task cancel --label run=42 --state queued', doc: 'many, after a look and a question' },
    { line: 'reeve task cancel --kind crawl --dry-run', doc: 'only look' },
    { line: 'reeve task cancel --parent ID --yes', doc: 'in a script' },
  ],
  run: async (invocation) => {
    const { given } = invocation;
    const reason = given.text('reason');
    const graceMs = given.duration('grace');
    const options = { ...(reason !== undefined && { reason }), ...(graceMs !== undefined && { graceMs }) };
    return actOnTasks(invocation, {
      name: 'cancel',
      done: 'cancelled',
      states: STATES,
      act: (id) => invocation.client().cancel(id, options),
      begin: (filter, { dryRun = false }) =>
        invocation.client().operations.cancelTasks(filter, { ...options, dryRun }),
    });
  },
};
