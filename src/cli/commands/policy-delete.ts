import type { Command } from '../command.js';
import { POLICY_VIEW } from '../output/policy-view.js';
import { showDeleted } from '../show-deleted.js';

export const POLICY_DELETE: Command = {
  path: ['policy', 'delete'],
  summary: 'Delete a policy',
  detail:
    'Its versions stay, for the decisions that were made by them. One that a parameter names cannot be deleted.',
  args: [{ name: 'NAME', doc: 'policy', complete: 'policy' }],
  options: [{ name: 'etag', value: 'VERSION', doc: 'only if this is its version still' }],
  examples: [{ line: 'reeve policy delete budget', doc: 'for good; with -o json as it was' }],
  run: async (invocation) => {
    const { given } = invocation;
    const [policyId = ''] = given.args;
    const etag = given.text('etag');
    const options = etag === undefined ? {} : { etag };
    const deleted = await invocation.client().policies.delete(policyId, options);
    await showDeleted(invocation, POLICY_VIEW, 'policy', deleted);
    return 0;
  },
};
