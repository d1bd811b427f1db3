import type { TaskState } from '@reeve/sdk';
import type { Command } from '../command.js';
import { INTERVAL, WATCH } from '../globals.js';
import { TASK_VIEW } from '../output/task-view.js';
import { showList, take } from '../show.js';
import { TASK_STATES } from '../states.js';

const DEFAULT_LIMIT = 100;

export const TASK_LIST: Command = {
  path: ['task', 'list'],
  summary: 'List tasks, newest first',
  detail: 'Conditions of different kinds must all hold; of one that is repeated, one must (of labels, all).',
  options: [
    { name: 'state', value: 'STATE', doc: 'only those in this state', many: true, choices: TASK_STATES },
    { name: 'kind', value: 'KIND', doc: 'only those of this kind', many: true },
    { name: 'label', value: 'KEY=VALUE', doc: 'only those with this label', many: true },
    { name: 'parent', value: 'TASK', doc: 'only parts of this task', complete: 'task' },
    { name: 'limit', value: 'N', doc: 'at most so many, 0 for all', default: String(DEFAULT_LIMIT) },
    { name: 'full', doc: 'with input and output' },
    WATCH,
    INTERVAL,
  ],
  examples: [
    { line: 'reeve task list --state running --state queued', doc: 'what is going on' },
    {
      line: 'reeve task list --label team=docs -o csv --limit 0 > tasks.csv',
      doc: 'all of them, for a sheet',
    },
    { line: 'reeve task list --state failed -o name | reeve task retry -', doc: 'retry what failed' },
    { line: 'reeve task list --watch', doc: 'as it changes' },
  ],
  run: async (invocation) => {
    const { given, talk } = invocation;
    const states = given.list('state') as readonly TaskState[];
    const kinds = given.list('kind');
    const labels = given.pairs('label');
    const parentTaskId = given.text('parent');
    const limit = given.count('limit') ?? DEFAULT_LIMIT;
    const query = {
      full: given.switched('full') ?? false,
      ...(states.length > 0 && { states: [...states] }),
      ...(kinds.length > 0 && { kinds: [...kinds] }),
      ...(Object.keys(labels).length > 0 && { labels }),
      ...(parentTaskId !== undefined && { parentTaskId }),
      ...(limit > 0 && { limit: limit + 1 }),
    };
    const load = async () => {
      const { taken, more } = await take(invocation.client().list(query), limit);
      if (more && !given.switched('watch')) talk(`There are more than ${limit}: --limit 0 shows all.`);
      return taken;
    };
    return showList(invocation, { view: TASK_VIEW, load, none: 'No tasks.' });
  },
};
