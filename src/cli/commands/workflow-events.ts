import type { Command } from '../command.js';
import { WORKFLOW_EVENT_VIEW } from '../output/workflow-view.js';
import { showList, take } from '../show.js';

export const WORKFLOW_EVENTS: Command = {
  path: ['workflow', 'events'],
  summary: 'Show the trail of a workflow, oldest first',
  args: [{ name: 'ID', doc: 'workflow', complete: 'workflow' }],
  examples: [
    { line: 'reeve workflow events ID', doc: 'for reading' },
    { line: 'reeve workflow events ID -o jsonl', doc: 'one event a line' },
  ],
  run: async (invocation) => {
    const [id = ''] = invocation.given.args;
    const load = async () => (await take(invocation.client().workflows.events(id), 0)).taken;
    return showList(invocation, { view: WORKFLOW_EVENT_VIEW, load, none: 'No events.' });
  },
};
