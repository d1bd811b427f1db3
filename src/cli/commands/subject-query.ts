import type { Command } from '../command.js';
import { DEFAULT_FOUND, FINDING } from '../directory-options.js';
import { objectOf } from '../json-option.js';
import { SUBJECT_VIEW } from '../output/directory-view.js';
import { showList, take } from '../show.js';

export const SUBJECT_QUERY: Command = {
  path: ['subject', 'query'],
  summary: 'Find subjects',
  detail: 'By id, in the directory that the organisation uses: the built-in one, or a service of its own.',
  options: FINDING,
  examples: [
    { line: 'reeve subject query', doc: 'the first hundred' },
    { line: `reeve subject query --filter '{"role_ids":"reviewer"}' -o name`, doc: 'who names it' },
  ],
  run: async (invocation) => {
    const { given } = invocation;
    const filter = objectOf(given, 'filter');
    const limit = given.count('limit') ?? DEFAULT_FOUND;
    const query = { ...(filter && { filter }), limit };
    const load = async () => (await take(invocation.client().subjects.query(query), limit)).taken;
    return showList(invocation, { view: SUBJECT_VIEW, load, none: 'No subjects.' });
  },
};
