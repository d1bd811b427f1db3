import type { Command } from '../command.js';
import { EFFECTIVE_VIEW } from '../output/config-view.js';

export const CONFIG_EFFECTIVE: Command = {
  path: ['config', 'effective'],
  summary: 'Show all parameters with the values that hold',
  detail: 'What the organisation has set, and defaults; with what each takes and is for.',
  options: [{ name: 'prefix', value: 'TEXT', doc: 'only keys that begin with this', complete: 'parameter' }],
  examples: [
    { line: 'reeve config effective', doc: 'what can be set' },
    { line: 'reeve config effective --prefix head_start -o yaml', doc: 'with types and defaults' },
  ],
  run: async ({ given, out, client }) => {
    const all = await client().config.effective({ prefix: given.text('prefix') ?? '' });
    await out.many(EFFECTIVE_VIEW, all, 'No parameter begins so.');
    return 0;
  },
};
