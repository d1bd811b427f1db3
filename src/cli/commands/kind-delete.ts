import type { Command } from '../command.js';
import { JOB_KIND_VIEW } from '../output/config-view.js';
import { showDeleted } from '../show-deleted.js';

export const KIND_DELETE: Command = {
  path: ['kind', 'delete'],
  summary: 'Forget what tasks of a kind have to be like',
  detail: 'Tasks of the kind may then be as they like. With -o json prints what was said.',
  args: [{ name: 'KIND', doc: 'kind of the tasks', complete: 'kind' }],
  options: [{ name: 'etag', value: 'ETAG', doc: 'only if it is still as it was read' }],
  examples: [{ line: 'reeve kind delete report', doc: 'whatever it says' }],
  run: async (invocation) => {
    const { given, client } = invocation;
    const [kind = ''] = given.args;
    const etag = given.text('etag');
    const options = etag === undefined ? {} : { etag };
    const deleted = await client().jobKinds.delete(kind, options);
    await showDeleted(invocation, JOB_KIND_VIEW, 'kind', deleted);
    return 0;
  },
};
