import type { PolicyKind, PolicySample, SampleCandidate, TaskRequest } from '@reeve/sdk';
import type { Command } from '../command.js';
import { usageError } from '../failure.js';
import type { Given } from '../given.js';
import { TRIAL_VIEW } from '../output/policy-view.js';
import {
  type GivenRule,
  POLICY_KINDS,
  pointingAt,
  RULE_OPTIONS,
  readText,
  ruleFrom,
} from '../policy-rule.js';
import { readAll } from '../read-stream.js';
import { requireTaskFields } from '../task-fields.js';
import type { World } from '../world.js';

export const POLICY_TEST: Command = {
  path: ['policy', 'test'],
  summary: 'Try a policy, without anything coming of it',
  detail:
    'On a stored task, on one as it would be submitted, or on an input as a decision has recorded it. Shows the answer, what would become of the task, and what the parts of the expression came to.',
  args: [{ name: 'NAME', doc: 'stored policy', optional: true, complete: 'policy' }],
  options: [
    { name: 'version', value: 'N', doc: 'an older version of the stored one' },
    { name: 'kind', value: 'KIND', doc: 'of a policy that is not stored', choices: POLICY_KINDS },
    { name: 'file', value: 'FILE', doc: 'a policy that is not stored, in CEL', complete: 'file' },
    ...RULE_OPTIONS,
    { name: 'task', value: 'ID', doc: 'on this task', complete: 'task' },
    {
      name: 'sample',
      value: 'FILE',
      doc: 'on a task as the SDK submits it, in JSON; - reads standard input',
      complete: 'file',
    },
    {
      name: 'recorded',
      value: 'FILE',
      doc: 'on the input of a decision, in JSON; - reads standard input',
      complete: 'file',
    },
    {
      name: 'candidates',
      value: 'FILE',
      doc: 'agents in place of those that there are, as a list in JSON',
      complete: 'file',
    },
  ],
  examples: [
    { line: 'reeve policy test budget --task ID', doc: 'what it would say of a task' },
    {
      line: `echo '{"kind":"report"}' | reeve policy test --kind priority --cel "size(task.kind)" --sample -`,
      doc: 'without storing anything',
    },
  ],
  run: async (invocation) => {
    const { given, world, out, client } = invocation;
    const sample = await sampleFrom(given, world);
    const [policyId] = given.args;
    if (policyId === undefined) {
      const [kind, rule] = await unstored(given, world);
      const policy = { policyId: 'not-stored', kind, ...rule.rule };
      await out.one(TRIAL_VIEW, await pointingAt(rule, () => client().policies.test(policy, sample)));
      return 0;
    }
    for (const name of ['kind', 'file', 'cel', 'remote', 'on-error', 'deadline']) {
      if (given.text(name) === undefined) continue;
      throw usageError(`--${name} is for a policy that is not stored`, `Leave out ${policyId} or --${name}.`);
    }
    const version = given.count('version', { min: 1, max: 999_999_999 });
    const options = version === undefined ? {} : { version };
    await out.one(TRIAL_VIEW, await client().policies.test(policyId, sample, options));
    return 0;
  },
};

async function unstored(given: Given, world: World): Promise<readonly [PolicyKind, GivenRule]> {
  const kind = given.text('kind') as PolicyKind | undefined;
  if (!kind) {
    const hint = 'Name a stored policy, or give --kind with one of --cel, --file and --remote';
    throw usageError('there is no policy to try', hint);
  }
  return [kind, await ruleFrom(given, world, given.text('file'))];
}

async function sampleFrom(given: Given, world: World): Promise<PolicySample> {
  const [taskId, sample, recorded] = ['task', 'sample', 'recorded'].map((name) => given.text(name));
  if ([taskId, sample, recorded].filter((one) => one !== undefined).length !== 1) {
    throw usageError('say what it is tried on', 'Use one of --task, --sample and --recorded');
  }
  const file = given.text('candidates');
  const candidates = file === undefined ? undefined : await jsonFrom(file, '--candidates', world);
  if (candidates !== undefined && !Array.isArray(candidates)) {
    throw usageError('--candidates: expected a list in JSON');
  }
  const more = candidates === undefined ? {} : { candidates: candidates as SampleCandidate[] };
  if (taskId !== undefined) return { taskId, ...more };
  const [from = '', name] = sample === undefined ? [recorded, '--recorded'] : [sample, '--sample'];
  const json = await jsonFrom(from, name, world);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw usageError(`${name}: expected an object in JSON`);
  }
  if (sample === undefined)
    return { input: json as Extract<PolicySample, { input: unknown }>['input'], ...more };
  requireTaskFields(json, '--sample');
  return { task: json as TaskRequest, ...more };
}

async function jsonFrom(file: string, name: string, world: World): Promise<unknown> {
  const text = file === '-' ? await readAll(world.stdin) : await readText(file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageError(`${name}: not JSON: ${error instanceof Error ? error.message : error}`);
  }
}
