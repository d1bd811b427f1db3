import type { Command } from '../command.js';
import { POLICY_VIEW } from '../output/policy-view.js';

export const POLICY_GET: Command = {
  path: ['policy', 'get'],
  summary: 'Show a policy',
  args: [{ name: 'NAME', doc: 'policy', complete: 'policy' }],
  options: [{ name: 'version', value: 'N', doc: 'an older one, deleted or not' }],
  examples: [
    { line: 'reeve policy get budget', doc: 'as it is now' },
    { line: 'reeve policy get budget --version 3', doc: 'as it was' },
  ],
  run: async (invocation) => {
    const { given, out } = invocation;
    const [policyId = ''] = given.args;
    const version = given.count('version', { min: 1, max: 999_999_999 });
    const options = version === undefined ? {} : { version };
    await out.one(POLICY_VIEW, await invocation.client().policies.get(policyId, options));
    return 0;
  },
};
