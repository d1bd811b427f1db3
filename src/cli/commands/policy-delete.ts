import type { Command } from '../command.js';
import { POLICY_VIEW } from '../output/policy-view.js';

export const POLICY_DELETE: Command = {
  path: ['policy', 'delete'],
  summary: 'Delete a policy',
  detail:
    'Its versions stay, for the decisions that were made by them. One that a parameter names cannot be deleted.',
  args: [{ name: 'NAME', doc: 'policy', complete: 'policy' }],
  options: [{ name: 'etag', value: 'VERSION', doc: 'only if this is its version still' }],
  examples: [{ line: 'reeve policy delete budget', doc: 'shows it as it was' }],
  run: async (invocation) => {
    const { given, out } = invocation;
    const [policyId = ''] = given.args;
    const etag = given.text('etag');
    const options = etag === undefined ? {} : { etag };
    await out.one(POLICY_VIEW, await invocation.client().policies.delete(policyId, options));
    return 0;
  },
};
