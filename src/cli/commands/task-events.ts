import type { Command } from '../command.js';
import { EVENT_VIEW } from '../output/event-view.js';
import { showList, take } from '../show.js';

export const TASK_EVENTS: Command = {
  path: ['task', 'events'],
  summary: 'Show the audit trail of a task, oldest first',
  args: [{ name: 'ID', doc: 'task', complete: 'task' }],
  examples: [
    { line: 'reeve task events ID', doc: 'for reading' },
    { line: 'reeve task events ID -o jsonl', doc: 'one event a line' },
  ],
  run: async (invocation) => {
    const [id = ''] = invocation.given.args;
    const load = async () => (await take(invocation.client().events(id), 0)).taken;
    return showList(invocation, { view: EVENT_VIEW, load, none: 'No events.' });
  },
};
