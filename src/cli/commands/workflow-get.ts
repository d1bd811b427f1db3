import type { Command } from '../command.js';
import { WORKFLOW_VIEW } from '../output/workflow-view.js';
import { showEach } from '../show.js';

export const WORKFLOW_GET: Command = {
  path: ['workflow', 'get'],
  summary: 'Show workflows with their groups and tasks',
  detail: 'One id gives one object, several give a list.',
  args: [{ name: 'ID', doc: 'workflow', many: true, complete: 'workflow' }],
  options: [{ name: 'full', doc: 'with spec and context' }],
  examples: [
    { line: 'reeve workflow get ID', doc: 'for reading' },
    { line: 'reeve workflow get ID --full -o json | jq .context.outputs', doc: 'only its results' },
  ],
  run: (invocation) => {
    const { given } = invocation;
    const full = given.switched('full') ?? false;
    return showEach(invocation, WORKFLOW_VIEW, [...new Set(given.args)], async (id) => {
      const { pathVersion: _, ...workflow } = await invocation.client().workflows.get(id, { full });
      return workflow;
    });
  },
};
