import type { PolicyKind } from '@reeve/sdk';
import type { Command } from '../command.js';
import { usageError } from '../failure.js';
import { POLICY_VIEW } from '../output/policy-view.js';
import { POLICY_KINDS, pointingAt, RULE_OPTIONS, ruleFrom } from '../policy-rule.js';

export const POLICY_PUT: Command = {
  path: ['policy', 'put'],
  summary: 'Make a new version of a policy',
  detail:
    'It is in force on all coordinators within a second, wherever a parameter or a task names it. An expression is compiled and its types are checked first.',
  args: [
    { name: 'NAME', doc: 'policy', complete: 'policy' },
    { name: 'FILE', doc: 'the expression in CEL; - reads standard input', optional: true, complete: 'file' },
  ],
  options: [
    { name: 'kind', value: 'KIND', doc: 'what it decides', choices: POLICY_KINDS },
    ...RULE_OPTIONS,
    { name: 'description', value: 'TEXT', doc: 'what it is for' },
    { name: 'etag', value: 'VERSION', doc: 'only if this is its version still; * if it is not there yet' },
    { name: 'dry-run', doc: 'only check it' },
  ],
  examples: [
    { line: 'reeve policy put budget --kind approval budget.cel', doc: 'an expression from a file' },
    {
      line: `reeve policy put rank --kind priority --cel "task.kind == 'report' ? 800 : 400"`,
      doc: 'in place',
    },
    {
      line: 'reeve policy put pick --kind plan_retrieve --remote policies.example.com:443 --deadline 2s',
      doc: 'one that you serve',
    },
  ],
  run: async (invocation) => {
    const { given, world, out, talk } = invocation;
    const [policyId = '', file] = given.args;
    const kind = given.text('kind') as PolicyKind | undefined;
    if (!kind) throw usageError('--kind is missing', `Say what it decides: ${POLICY_KINDS.join(', ')}`);
    const rule = await ruleFrom(given, world, file);
    const description = given.text('description');
    const etag = given.text('etag');
    const validateOnly = given.switched('dry-run') ?? false;
    const policy = { policyId, kind, ...rule.rule, ...(description !== undefined && { description }) };
    const options = { validateOnly, ...(etag !== undefined && { etag }) };
    const put = await pointingAt(rule, () => invocation.client().policies.put(policy, options));
    await out.one(POLICY_VIEW, put);
    if (validateOnly) talk('It is as it should be. Nothing was changed.');
    return 0;
  },
};
