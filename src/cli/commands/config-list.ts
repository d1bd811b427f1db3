import type { Command } from '../command.js';
import { PARAMETER_VIEW } from '../output/config-view.js';
import { take } from '../show.js';

export const CONFIG_LIST: Command = {
  path: ['config', 'list'],
  summary: 'List the parameters that the organisation has set',
  detail: 'By key. What holds where nothing is set: reeve config effective.',
  options: [
    { name: 'prefix', value: 'TEXT', doc: 'only keys that begin with this', complete: 'parameter' },
    { name: 'limit', value: 'N', doc: 'at most so many, 0 for all', default: '0' },
  ],
  examples: [
    { line: 'reeve config list', doc: 'with who set them' },
    { line: 'reeve config list --prefix acme/ -o csv', doc: 'some of your own' },
  ],
  run: async ({ given, out, client }) => {
    const limit = given.count('limit') ?? 0;
    const { taken } = await take(client().config.list({ prefix: given.text('prefix') ?? '', limit }), limit);
    await out.many(PARAMETER_VIEW, taken, 'Nothing is set: defaults hold. See them: reeve config effective');
    return 0;
  },
};
