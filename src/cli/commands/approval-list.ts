import type { Command } from '../command.js';
import { INTERVAL, WATCH } from '../globals.js';
import { APPROVAL_VIEW } from '../output/approval-view.js';
import { showList, take } from '../show.js';

const DEFAULT_LIMIT = 50;

export const APPROVAL_LIST: Command = {
  path: ['approval', 'list'],
  summary: "List tasks that wait for a person's word",
  detail: 'The first due first; with --all, those that are over too, newest first.',
  options: [
    { name: 'all', doc: 'those that were decided, or have ended otherwise, too' },
    { name: 'limit', value: 'N', doc: 'at most so many, 0 for all', default: String(DEFAULT_LIMIT) },
    WATCH,
    INTERVAL,
  ],
  examples: [{ line: 'reeve approval list', doc: 'what waits for you' }],
  run: async (invocation) => {
    const { given, client } = invocation;
    const limit = given.count('limit') ?? DEFAULT_LIMIT;
    const query = { all: given.switched('all') ?? false, limit };
    const load = async () => (await take(client().approvals.list(query), limit)).taken;
    return showList(invocation, { view: APPROVAL_VIEW, load, none: 'No task waits for approval.' });
  },
};
