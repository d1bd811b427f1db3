import type { PolicyKind } from '@reeve/sdk';
import type { Command } from '../command.js';
import { INTERVAL, WATCH } from '../globals.js';
import { POLICY_VIEW } from '../output/policy-view.js';
import { POLICY_KINDS } from '../policy-rule.js';
import { showList, take } from '../show.js';

export const POLICY_LIST: Command = {
  path: ['policy', 'list'],
  summary: 'List policies, or the versions of one',
  options: [
    { name: 'kind', value: 'KIND', doc: 'only those that decide this', choices: POLICY_KINDS },
    { name: 'versions-of', value: 'NAME', doc: 'all versions of this one, newest first', complete: 'policy' },
    { name: 'limit', value: 'N', doc: 'at most so many, 0 for all', default: '0' },
    WATCH,
    INTERVAL,
  ],
  examples: [
    { line: 'reeve policy list --kind approval', doc: 'those that accept tasks' },
    { line: 'reeve policy list --versions-of budget', doc: 'who changed it, and when' },
  ],
  run: async (invocation) => {
    const { given, client } = invocation;
    const limit = given.count('limit') ?? 0;
    const kind = given.text('kind') as PolicyKind | undefined;
    const versionsOf = given.text('versions-of');
    const query = { limit, ...(kind && { kind }), ...(versionsOf !== undefined && { versionsOf }) };
    const load = async () => (await take(client().policies.list(query), limit)).taken;
    return showList(invocation, { view: POLICY_VIEW, load, none: 'No policies.' });
  },
};
