import type { Command } from '../command.js';
import { JOB_KIND_VIEW } from '../output/config-view.js';
import { showEach } from '../show.js';

export const KIND_GET: Command = {
  path: ['kind', 'get'],
  summary: 'Show what tasks of a kind have to be like',
  detail: 'One kind gives one object, several give a list.',
  args: [{ name: 'KIND', doc: 'kind of the tasks', many: true, complete: 'kind' }],
  examples: [{ line: 'reeve kind get document.summarize -o json | jq .inputSchema', doc: 'only its schema' }],
  run: (invocation) => {
    const kinds = [...new Set(invocation.given.args)];
    return showEach(invocation, JOB_KIND_VIEW, kinds, (kind) => invocation.client().jobKinds.get(kind));
  },
};
