import type { Command } from '../command.js';
import { DEFAULT_FOUND, FINDING } from '../directory-options.js';
import { objectOf } from '../json-option.js';
import { ROLE_VIEW } from '../output/directory-view.js';
import { showList, take } from '../show.js';

export const ROLE_QUERY: Command = {
  path: ['role', 'query'],
  summary: 'Find roles',
  detail: 'By id, in the directory that the organisation uses: the built-in one, or a service of its own.',
  options: FINDING,
  examples: [
    { line: 'reeve role query', doc: 'the first hundred' },
    {
      line: `reeve role query --filter '{"role_type":"grade","attributes.level":{"$in":[2,3]}}'`,
      doc: 'some',
    },
  ],
  run: async (invocation) => {
    const { given } = invocation;
    const filter = objectOf(given, 'filter');
    const limit = given.count('limit') ?? DEFAULT_FOUND;
    const query = { ...(filter && { filter }), limit };
    const load = async () => (await take(invocation.client().roles.query(query), limit)).taken;
    return showList(invocation, { view: ROLE_VIEW, load, none: 'No roles.' });
  },
};
