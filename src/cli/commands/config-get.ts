import type { Command } from '../command.js';
import { PARAMETER_VIEW } from '../output/config-view.js';
import { showEach } from '../show.js';

export const CONFIG_GET: Command = {
  path: ['config', 'get'],
  summary: 'Show parameters that the organisation has set',
  detail:
    'One key gives one object, several give a list. What holds where nothing is set: reeve config effective.',
  args: [{ name: 'KEY', doc: 'parameter', many: true, complete: 'parameter' }],
  examples: [
    { line: 'reeve config get approval_policy', doc: 'with who set it, and its etag' },
    { line: 'reeve config get acme/tone -o json | jq .value', doc: 'only its value' },
  ],
  run: (invocation) => {
    const keys = [...new Set(invocation.given.args)];
    return showEach(invocation, PARAMETER_VIEW, keys, (key) => invocation.client().config.get(key));
  },
};
