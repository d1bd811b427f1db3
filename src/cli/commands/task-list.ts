import type { Command } from '../command.js';
import { INTERVAL, WATCH } from '../globals.js';
import { TASK_VIEW } from '../output/task-view.js';
import { showList, take } from '../show.js';
import { TASK_STATES } from '../states.js';
import { FILTER_RULE, filterFrom, filterOptions } from '../task-filter.js';

const DEFAULT_LIMIT = 100;

export const TASK_LIST: Command = {
  path: ['task', 'list'],
  summary: 'List tasks, newest first',
  detail: FILTER_RULE,
  options: [
    ...filterOptions(TASK_STATES),
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
    { line: 'reeve task list --state running -o name | reeve task watch -', doc: 'follow what runs' },
    { line: 'reeve task list --watch', doc: 'as it changes' },
  ],
  run: async (invocation) => {
    const { given, talk } = invocation;
    const limit = given.count('limit') ?? DEFAULT_LIMIT;
    const query = {
      ...filterFrom(given),
      full: given.switched('full') ?? false,
      limit: limit === 0 ? 0 : limit + 1,
    };
    const load = async () => {
      const { taken, more } = await take(invocation.client().list(query), limit);
      if (more && !given.switched('watch')) talk(`There are more than ${limit}: --limit 0 shows all.`);
      return taken;
    };
    return showList(invocation, { view: TASK_VIEW, load, none: 'No tasks.' });
  },
};
