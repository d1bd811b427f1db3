import type { Command } from '../command.js';
import { followWorkflow, verdictOn } from '../follow-workflow.js';

export const WORKFLOW_WATCH: Command = {
  path: ['workflow', 'watch'],
  summary: 'Follow a workflow until it has ended',
  detail:
    'On a terminal a tree with bars; in a pipe the workflow after each change, or with -o table a line for whatever has changed. Exit code 0 when it SUCCEEDED, 6 when it ended otherwise.',
  args: [{ name: 'ID', doc: 'workflow', complete: 'workflow' }],
  examples: [
    { line: 'reeve workflow watch ID', doc: 'with bars' },
    { line: 'reeve workflow watch ID -o jsonl', doc: 'every change as a line of JSON' },
  ],
  run: async (invocation) => {
    const [id = ''] = invocation.given.args;
    invocation.beginWaiting('Leave --timeout out to watch until the end.');
    return verdictOn(await followWorkflow(invocation, id));
  },
};
