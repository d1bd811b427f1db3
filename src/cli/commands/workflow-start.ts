import type { Command } from '../command.js';
import { followWorkflow, verdictOn } from '../follow-workflow.js';
import { WORKFLOW_VIEW } from '../output/workflow-view.js';
import { FILE_ARGUMENT, FILE_OPTIONS, pointingInto, workflowFrom } from '../workflow-file.js';

export const WORKFLOW_START: Command = {
  path: ['workflow', 'start'],
  summary: 'Start a workflow',
  detail:
    'It is in the record when the command returns. With --wait it returns when the workflow has ended, with its context, and with exit code 6 unless it SUCCEEDED; meanwhile a tree on a terminal.',
  args: [FILE_ARGUMENT],
  options: [
    ...FILE_OPTIONS,
    { name: 'request-id', value: 'ID', doc: 'name of this start: a repeat gives the same workflow' },
    { name: 'wait', doc: 'wait until it has ended' },
  ],
  examples: [
    { line: 'reeve workflow start nightly.yaml --wait', doc: 'and see how it goes' },
    { line: 'reeve workflow start nightly.yaml --param limit=5 --context user.name=Ada', doc: 'with values' },
    {
      line: 'reeve workflow start nightly.yaml --request-id nightly-2026-10-01 -o name',
      doc: 'at most once',
    },
  ],
  run: async (invocation) => {
    const { given, world, out, talk } = invocation;
    const file = await workflowFrom(given, world);
    const requestId = given.text('request-id');
    const { workflows } = invocation.client();
    const run = await pointingInto(file, () =>
      workflows.start(file.spec, requestId === undefined ? {} : { requestId }),
    );
    for (const note of run.notes) talk(note);
    const { workflowId } = run;
    if (!given.switched('wait')) {
      await out.one(WORKFLOW_VIEW, await run.get());
      if (out.live) talk(`Follow it: reeve workflow watch ${workflowId}`);
      return 0;
    }
    invocation.beginWaiting(`The workflow goes on. Watch it again: reeve workflow watch ${workflowId}`);
    await followWorkflow(invocation, workflowId, { quiet: true, erase: true });
    const ended = await run.get({ full: true });
    const { spec: _, pathVersion: __, ...shown } = ended;
    await out.one(WORKFLOW_VIEW, shown);
    return verdictOn(ended);
  },
};
