import type { Command } from '../command.js';
import { JOB_KIND_VIEW } from '../output/config-view.js';

export const KIND_DELETE: Command = {
  path: ['kind', 'delete'],
  summary: 'Forget what tasks of a kind have to be like',
  detail: 'Shows what was said. Tasks of the kind may then be as they like.',
  args: [{ name: 'KIND', doc: 'kind of the tasks', complete: 'kind' }],
  options: [{ name: 'etag', value: 'ETAG', doc: 'only if it is still as it was read' }],
  examples: [{ line: 'reeve kind delete report', doc: 'whatever it says' }],
  run: async ({ given, out, client }) => {
    const [kind = ''] = given.args;
    const etag = given.text('etag');
    const options = etag === undefined ? {} : { etag };
    await out.one(JOB_KIND_VIEW, await client().jobKinds.delete(kind, options));
    return 0;
  },
};
