import { fieldsOf } from '../../domain/workflows/fields.js';
import type { Plan, Problem, TaskNode } from '../../domain/workflows/plan.js';
import { requirementsOfKind, signatureOf } from '../../domain/tasks/requirements.js';
import type { WorkflowPorts } from './workflow-ports.js';

/** Kinds that are looked at. */
const MAX_KINDS = 100;

/** What may be wrong with a plan: policies that do not exist, kinds that no connected agent can do. */
export async function warningsOf(
  ports: WorkflowPorts,
  org: string,
  plan: Plan,
  asksAgents: boolean,
): Promise<readonly Problem[]> {
  const fieldOf = fieldsOf(plan.nodes);
  const tasks = plan.nodes.filter((node) => node.kind === 'TASK');
  const { policies } = await ports.ports.orgRules.of(org);
  const warnings: Problem[] = [];
  for (const task of tasks) {
    for (const policyId of Object.values(task.settings.policies ?? {})) {
      if (policyId === null || policies.has(policyId)) continue;
      const description = `policy ${policyId} does not exist`;
      warnings.push({ field: `${fieldOf(task)}.settings.policies`, reason: 'UNKNOWN_POLICY', description });
    }
  }
  if (!asksAgents) return warnings;
  for (const [, task] of [...byNeed(tasks)].slice(0, MAX_KINDS)) {
    const { kind } = task.template;
    const requirements = requirementsOf(task);
    const { eligible } = await ports.ports.index.candidates({ org, kind, requirements, max: 1 });
    if (eligible > 0) continue;
    const description = `no connected agent can do tasks of the kind ${kind} that ask for what this one does`;
    warnings.push({ field: `${fieldOf(task)}.kind`, reason: 'NO_ACTIVE_AGENT', description });
  }
  return warnings;
}

/** One task for each kind and what it asks of agents. */
function byNeed(tasks: readonly TaskNode[]): ReadonlyMap<string, TaskNode> {
  const needs = new Map<string, TaskNode>();
  for (const task of tasks) {
    const need = `${task.template.kind} ${signatureOf(requirementsOf(task))}`;
    if (!needs.has(need)) needs.set(need, task);
  }
  return needs;
}

function requirementsOf({ template: { kind }, settings: { requirements } }: TaskNode) {
  if (requirements === null) return requirementsOfKind(kind);
  return requirements.capabilities.length > 0 ? requirements : { ...requirements, capabilities: [kind] };
}
