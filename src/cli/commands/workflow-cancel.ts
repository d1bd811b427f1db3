import type { Command } from '../command.js';
import { WORKFLOW_VIEW } from '../output/workflow-view.js';
import { showEach } from '../show.js';

export const WORKFLOW_CANCEL: Command = {
  path: ['workflow', 'cancel'],
  summary: 'Cancel workflows and their open tasks',
  detail:
    'What there is of results stays in the context. The same again changes nothing; one that has ended otherwise is refused, exit code 5.',
  args: [{ name: 'ID', doc: 'workflow', many: true, complete: 'workflow' }],
  options: [{ name: 'reason', value: 'TEXT', doc: 'why, for the trail and for agents' }],
  examples: [{ line: 'reeve workflow cancel ID --reason "wrong data"', doc: 'one' }],
  run: (invocation) => {
    const { given } = invocation;
    const reason = given.text('reason') ?? '';
    return showEach(invocation, WORKFLOW_VIEW, [...new Set(given.args)], (id) =>
      invocation.client().workflows.cancel(id, { reason }),
    );
  },
};
