import type { Command } from '../command.js';
import { INTERVAL, WATCH } from '../globals.js';
import { OPERATION_VIEW } from '../output/operation-view.js';
import { showList, take } from '../show.js';

const DEFAULT_LIMIT = 50;

export const OPERATION_LIST: Command = {
  path: ['operation', 'list'],
  summary: 'List operations on many tasks, newest first',
  detail: 'Dry runs are left out once they have ended.',
  options: [
    { name: 'open', doc: 'only those that have not ended' },
    { name: 'limit', value: 'N', doc: 'at most so many, 0 for all', default: String(DEFAULT_LIMIT) },
    WATCH,
    INTERVAL,
  ],
  examples: [{ line: 'reeve operation list --open --watch', doc: 'what is going on' }],
  run: async (invocation) => {
    const { given, client } = invocation;
    const limit = given.count('limit') ?? DEFAULT_LIMIT;
    const query = { onlyOpen: given.switched('open') ?? false, limit };
    const load = async () => (await take(client().operations.list(query), limit)).taken;
    return showList(invocation, { view: OPERATION_VIEW, load, none: 'No operations.' });
  },
};
