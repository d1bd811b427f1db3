import type { Principal } from '../../domain/access/principal.js';
import type { JobKind } from '../../domain/jobs/job-kind.js';
import type { PolicyKind, PolicyRefs } from '../../domain/policies/policy.js';
import { type Requirements, requirementsOfKind, signatureOf } from '../../domain/tasks/requirements.js';
import { fieldsOf } from '../../domain/workflows/fields.js';
import { lookupsOf } from '../../domain/workflows/lookups.js';
import type { Plan, Problem, TaskNode } from '../../domain/workflows/plan.js';
import { createProblemList, type ProblemList } from '../../domain/workflows/problem-list.js';
import type { TaskDefaults, WorkflowSpec } from '../../domain/workflows/spec.js';
import type { OrgSnapshot } from '../../ports/org-rules.js';
import type { SchemaCall } from '../../ports/policy-engine.js';
import { eligibleCandidates, whyNobody } from '../eligible-candidates.js';
import type { Ports } from '../ports.js';

type Needs = Pick<Ports, 'index' | 'pools' | 'orgRules' | 'policies'>;

/** Different requirements for which agents are looked for. */
const MOST_LOOKED_FOR = 64;

/**
 * What may be wrong with a workflow as things are: NO_AGENT for kinds that nobody may do who is connected,
 * UNKNOWN_POLICY, NO_CONTEXT_PROVIDER, and JOB_INVALID for tasks that are not as their kind of job has to be, as far as that is known
 * before they run.
 */
export const warningsOf =
  (ports: Needs) =>
  async ({ org }: Principal, spec: WorkflowSpec, plan: Plan): Promise<readonly Problem[]> => {
    const list = createProblemList();
    const rules = await ports.orgRules.of(org);
    warnOfPolicies(rules, spec, list);
    const fieldOf = fieldsOf(plan.nodes);
    const tasks = plan.nodes.filter((node) => node.kind === 'TASK');
    for (const task of tasks)
      warnOfFields(rules.jobKinds.get(task.template.kind), spec, task, fieldOf(task), list);
    if (rules.config.contextProviderAddress === null) warnOfLookups(tasks, fieldOf, list);
    await warnOfInputs(ports, rules, tasks, fieldOf, list);
    await warnOfAgents(ports, org, tasks, fieldOf, list);
    return list.problems;
  };

const KINDS: Readonly<Record<keyof PolicyRefs, readonly [string, PolicyKind]>> = {
  approval: ['approval', 'APPROVAL'],
  priority: ['priority', 'PRIORITY'],
  auctionInput: ['auction_input', 'AUCTION_INPUT'],
  planRetrieve: ['plan_retrieve', 'PLAN_RETRIEVE'],
};

function warnOfPolicies({ policies }: OrgSnapshot, spec: WorkflowSpec, list: ProblemList): void {
  const look = (defaults: TaskDefaults, path: string) => {
    for (const [name, id] of Object.entries(defaults.policies ?? {})) {
      const [field, kind] = KINDS[name as keyof PolicyRefs];
      const found = id === null ? null : policies.get(id);
      if (found === null || found?.kind === kind) continue;
      const is = found ? `is of kind ${found.kind}` : 'does not exist';
      list.add(`${path}.policies.${field}`, 'UNKNOWN_POLICY', `policy ${id} ${is}`);
    }
  };
  look(spec.defaults, 'spec.defaults');
  spec.groups.forEach((group, i) => {
    const path = `spec.groups[${i}]`;
    look(group.defaults, `${path}.defaults`);
    for (const [j, task] of group.tasks.entries()) look(task.settings, `${path}.tasks[${j}].settings`);
  });
}

function warnOfLookups(
  tasks: readonly TaskNode[],
  fieldOf: (node: TaskNode) => string,
  list: ProblemList,
): void {
  for (const task of tasks) {
    if (Object.keys(lookupsOf(task)).length === 0) continue;
    const description = 'the organisation has no context provider (parameter context_provider_address)';
    list.add(`${fieldOf(task)}.lookups`, 'NO_CONTEXT_PROVIDER', description);
  }
}

function warnOfFields(
  jobKind: JobKind | undefined,
  spec: WorkflowSpec,
  { template, settings }: TaskNode,
  field: string,
  list: ProblemList,
): void {
  for (const required of jobKind?.requiredFields ?? []) {
    const has: Readonly<Record<string, boolean>> = {
      goal: false,
      intent: false,
      job_space_id: spec.jobSpaceId !== '',
      deadline: settings.timeoutMs !== null,
      input: template.input !== null || settings.expansion !== null,
    };
    const label = required.startsWith('labels.') ? required.slice('labels.'.length) : null;
    const isSet = label === null ? (has[required] ?? true) : Object.hasOwn(template.labels, label);
    if (isSet) continue;
    const description = `tasks of the kind ${template.kind} have to have ${required}, which those of this one will not`;
    list.add(field, 'JOB_INVALID', description);
  }
}

/** Inputs that are known: without templates, and of tasks that do not expand. */
async function warnOfInputs(
  { policies }: Needs,
  { org, jobKinds }: OrgSnapshot,
  tasks: readonly TaskNode[],
  fieldOf: (node: TaskNode) => string,
  list: ProblemList,
): Promise<void> {
  const asked = tasks.flatMap((task): { readonly task: TaskNode; readonly call: SchemaCall }[] => {
    const { kind, input } = task.template;
    const jobKind = jobKinds.get(kind);
    if (!jobKind?.inputSchema || task.settings.expansion || JSON.stringify(input).includes('{{')) return [];
    const { version, inputSchema: schema } = jobKind;
    return [{ task, call: { org, kind, version, schema, inputs: [input] } }];
  });
  if (asked.length === 0) return;
  const answers = await policies.validate(asked.map(({ call }) => call));
  asked.forEach(({ task }, i) => {
    const answer = answers[i]?.[0] ?? [];
    if ('failure' in answer) return;
    for (const { path, message } of answer) list.add(`${fieldOf(task)}.input${path}`, 'JOB_INVALID', message);
  });
}

async function warnOfAgents(
  ports: Needs,
  org: string,
  tasks: readonly TaskNode[],
  fieldOf: (node: TaskNode) => string,
  list: ProblemList,
): Promise<void> {
  const first = new Map<string, { readonly task: TaskNode; readonly requirements: Requirements }>();
  for (const task of tasks) {
    const requirements = requirementsOf(task);
    const signature = `${task.template.kind} ${signatureOf(requirements)}`;
    if (!first.has(signature) && first.size < MOST_LOOKED_FOR) first.set(signature, { task, requirements });
  }
  const looked = [...first.values()].map(async ({ task, requirements }) => {
    const { kind } = task.template;
    const query = { org, kind, requirements };
    const { eligible } = await eligibleCandidates(ports, { ...query, max: 1 });
    return eligible > 0 ? null : { task, why: await whyNobody(ports, query) };
  });
  for (const nobody of await Promise.all(looked)) {
    if (!nobody) continue;
    const { task, why } = nobody;
    list.add(`${fieldOf(task)}.kind`, 'NO_AGENT', `nobody does ${task.template.kind} as things are: ${why}`);
  }
}

/** Those of its tasks; whom roles leave is found when they are submitted. */
function requirementsOf({ template, settings }: TaskNode): Requirements {
  const { kind } = template;
  const said = settings.requirements;
  if (!said) return requirementsOfKind(kind);
  return said.capabilities.length > 0 ? said : { ...said, capabilities: [kind] };
}
