import type { TaskChanges, Tier } from '@reeve/sdk';
import type { Command } from '../command.js';
import { usageError } from '../failure.js';
import type { Given } from '../given.js';
import { TASK_VIEW } from '../output/task-view.js';
import { TIERS } from '../states.js';
import { timeIn } from '../time-in.js';

const NONE = 'none';

export const TASK_UPDATE: Command = {
  path: ['task', 'update'],
  summary: 'Change a task that waits',
  detail: 'What is not named stays as it is. A task that an agent has, or that has ended, cannot be changed.',
  args: [{ name: 'TASK', doc: 'which one', complete: 'task' }],
  options: [
    { name: 'tier', value: 'TIER', doc: 'how urgent it is', choices: TIERS },
    { name: 'label', value: 'KEY=VALUE', doc: 'a label to set; the others stay', many: true },
    { name: 'unlabel', value: 'KEY', doc: 'a label to take away', many: true },
    { name: 'run-at', value: 'TIME', doc: `not before this time, or span from now; ${NONE}: at once` },
    { name: 'deadline', value: 'TIME', doc: `by then it has to have ended; ${NONE}: no bound` },
    { name: 'etag', value: 'ETAG', doc: 'only if the task is still as it was read' },
  ],
  examples: [
    { line: 'reeve task update TASK --tier urgent', doc: 'let it go ahead of others' },
    { line: 'reeve task update TASK --run-at none --deadline 1h', doc: 'now, and within the hour' },
  ],
  run: async (invocation) => {
    const { given, out } = invocation;
    const [taskId = ''] = given.args;
    const client = invocation.client();
    const labelled = given.list('label').length + given.list('unlabel').length > 0;
    const current = labelled ? await client.get(taskId) : undefined;
    const changes: TaskChanges = {
      ...changesFrom(given),
      // Labels are replaced as a whole: nobody may change them in between.
      ...(current && { labels: labelsFrom(given, current.labels), etag: given.text('etag') ?? current.etag }),
    };
    if (Object.keys(changes).every((name) => name === 'etag')) {
      throw usageError(
        'nothing to change is named',
        'Name it with --tier, --label, --unlabel, --run-at or --deadline.',
      );
    }
    await out.one(TASK_VIEW, await client.update(taskId, changes));
    return 0;
  },
};

function changesFrom(given: Given): TaskChanges {
  const tier = given.text('tier') as Tier | undefined;
  const etag = given.text('etag');
  return {
    ...(tier && { tier }),
    ...(etag !== undefined && { etag }),
    ...timeChange(given, 'run-at', 'runAt'),
    ...timeChange(given, 'deadline', 'deadline'),
  };
}

function timeChange(given: Given, option: string, name: 'runAt' | 'deadline'): TaskChanges {
  if (given.text(option) === NONE) return { [name]: null };
  const time = timeIn(given, option, 1);
  return time ? { [name]: time } : {};
}

function labelsFrom(given: Given, labels: Readonly<Record<string, string>>): Record<string, string> {
  const without = given.list('unlabel');
  const kept = Object.entries(labels).filter(([key]) => !without.includes(key));
  return { ...Object.fromEntries(kept), ...given.pairs('label') };
}
