import type { Command } from '../command.js';
import { JOB_KIND_VIEW } from '../output/config-view.js';
import { take } from '../show.js';

export const KIND_LIST: Command = {
  path: ['kind', 'list'],
  summary: 'List the kinds of tasks of which something is said',
  options: [{ name: 'limit', value: 'N', doc: 'at most so many, 0 for all', default: '0' }],
  examples: [{ line: 'reeve kind list', doc: 'by name; tasks of other kinds may be as they like' }],
  run: async ({ given, out, client }) => {
    const limit = given.count('limit') ?? 0;
    const { taken } = await take(client().jobKinds.list({ limit }), limit);
    await out.many(JOB_KIND_VIEW, taken, 'Nothing is said of any kind.');
    return 0;
  },
};
