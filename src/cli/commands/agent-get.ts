import type { Command } from '../command.js';
import { INTERVAL, WATCH } from '../globals.js';
import { AGENT_VIEW } from '../output/agent-view.js';
import { showEach, showList } from '../show.js';

export const AGENT_GET: Command = {
  path: ['agent', 'get'],
  summary: 'Show agents',
  detail: 'One id gives one object, several give a list.',
  args: [{ name: 'ID', doc: 'agent', many: true, complete: 'agent' }],
  options: [WATCH, INTERVAL],
  examples: [
    { line: 'reeve agent get ID', doc: 'for reading' },
    { line: 'reeve agent get ID -o yaml', doc: 'all that is known of it' },
  ],
  run: async (invocation) => {
    const ids = [...new Set(invocation.given.args)];
    const get = (id: string) => invocation.client().agents.get(id);
    if (!invocation.given.switched('watch')) return showEach(invocation, AGENT_VIEW, ids, get);
    const load = () => Promise.all(ids.map(get));
    return showList(invocation, { view: AGENT_VIEW, load, none: 'No agents.' });
  },
};
