import type { Command } from '../command.js';
import { followWorkflow, verdictOn } from '../follow-workflow.js';
import { WORKFLOW_VIEW } from '../output/workflow-view.js';

export const WORKFLOW_RETRY: Command = {
  path: ['workflow', 'retry'],
  summary: 'Run again what did not succeed of a workflow',
  detail:
    'On the same context; what succeeded is not run again. One that runs, or succeeded, is refused, exit code 5. With --wait as `workflow start`.',
  args: [{ name: 'ID', doc: 'workflow', complete: 'workflow' }],
  options: [
    { name: 'reason', value: 'TEXT', doc: 'why, for the trail' },
    { name: 'wait', doc: 'wait until it has ended' },
  ],
  examples: [{ line: 'reeve workflow retry ID --wait', doc: 'and see how it goes' }],
  run: async (invocation) => {
    const { given, out } = invocation;
    const [id = ''] = given.args;
    const retried = await invocation.client().workflows.retry(id, { reason: given.text('reason') ?? '' });
    if (!given.switched('wait')) {
      await out.one(WORKFLOW_VIEW, retried);
      return 0;
    }
    invocation.beginWaiting(`The workflow goes on. Watch it again: reeve workflow watch ${id}`);
    const ended = await followWorkflow(invocation, id, { quiet: true, erase: true });
    await out.one(WORKFLOW_VIEW, ended);
    return verdictOn(ended);
  },
};
