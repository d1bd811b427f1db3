import type { WorkflowState } from '@reeve/sdk';
import type { Command } from '../command.js';
import { INTERVAL, WATCH } from '../globals.js';
import { WORKFLOW_LIST_VIEW } from '../output/workflow-view.js';
import { showList, take } from '../show.js';
import { WORKFLOW_STATES } from '../states.js';

const DEFAULT_LIMIT = 50;

export const WORKFLOW_LIST: Command = {
  path: ['workflow', 'list'],
  summary: 'List workflows, newest first',
  options: [
    { name: 'state', value: 'STATE', doc: 'only those in this state', many: true, choices: WORKFLOW_STATES },
    { name: 'name', value: 'NAME', doc: 'only those of this name' },
    { name: 'label', value: 'KEY=VALUE', doc: 'only those with this label', many: true },
    { name: 'limit', value: 'N', doc: 'at most so many, 0 for all', default: String(DEFAULT_LIMIT) },
    WATCH,
    INTERVAL,
  ],
  examples: [
    { line: 'reeve workflow list --state processing', doc: 'what runs' },
    { line: 'reeve workflow list --name nightly --watch', doc: 'as it changes' },
  ],
  run: async (invocation) => {
    const { given, talk } = invocation;
    const limit = given.count('limit') ?? DEFAULT_LIMIT;
    const query = {
      states: given.list('state') as readonly WorkflowState[],
      name: given.text('name') ?? '',
      labels: given.pairs('label'),
      limit: limit === 0 ? 0 : limit + 1,
    };
    const load = async () => {
      const { taken, more } = await take(invocation.client().workflows.list(query), limit);
      if (more && !given.switched('watch')) talk(`There are more than ${limit}: --limit 0 shows all.`);
      return taken;
    };
    return showList(invocation, { view: WORKFLOW_LIST_VIEW, load, none: 'No workflows.' });
  },
};
