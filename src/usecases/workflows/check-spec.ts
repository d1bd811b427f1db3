import { limitsOn } from '../../domain/workflows/context.js';
import { repeatedWords } from '../../domain/workflows/expansion/items.js';
import { fieldsOf } from '../../domain/workflows/fields.js';
import { pathText } from '../../domain/workflows/paths.js';
import type { Plan, Problem, TaskNode } from '../../domain/workflows/plan.js';
import { codeOf } from '../../domain/workflows/reasons.js';
import { type Scope, scopeOf } from '../../domain/workflows/scope.js';
import type { WorkflowSpec } from '../../domain/workflows/spec.js';
import { checkTemplates } from './check-templates.js';
import { expandNode } from './expand.js';
import { expansionsInInputs } from './expansions-in-inputs.js';
import { planOf } from './plan-of.js';
import type { WorkflowPorts } from './workflow-ports.js';

export interface CheckedSpec {
  /** `null`: there is something wrong with it. */
  readonly plan: Plan | null;
  /** `null`: its dependencies cannot be resolved. */
  readonly resolved: Plan | null;
  readonly problems: readonly Problem[];
  /** What may be wrong with it, whoever runs it. */
  readonly warnings: readonly Problem[];
  /** Items of its nodes, where they are known ahead. */
  readonly totals: readonly (number | null)[];
}

/** All that is wrong with a spec. */
export async function checkSpec(ports: WorkflowPorts, org: string, spec: WorkflowSpec): Promise<CheckedSpec> {
  const { expressions } = ports.ports;
  const resolved = planOf(spec);
  if (!resolved.plan) {
    return { plan: null, resolved: null, problems: resolved.problems, warnings: [], totals: [] };
  }
  const { plan } = resolved;
  const templates = await checkTemplates(expressions, plan, spec);
  const problems = [...templates.problems, ...contextProblems(spec)];
  const counted = problems.length === 0 ? await countItems(ports, org, plan, spec) : [];
  const warnings = [...templates.warnings, ...expansionsInInputs(plan)];
  const totals: (number | null)[] = plan.nodes.map(() => null);
  for (const { node, total, problem, warning } of counted) {
    if (problem) problems.push(problem);
    if (warning) warnings.push(warning);
    totals[node] = total;
  }
  return {
    plan: problems.length === 0 ? plan : null,
    resolved: plan,
    problems,
    warnings,
    totals,
  };
}

/** What the context begins with is held to what holds of it later, or nothing could be written to it. */
function contextProblems({ context }: WorkflowSpec): readonly Problem[] {
  const writes = Object.entries(context).map(([key, value]) => ({ path: pathText([key]), value }));
  const description = limitsOn([], writes);
  return description === null ? [] : [{ field: 'spec.context', reason: 'TOO_LARGE', description }];
}

interface Counted {
  readonly node: number;
  readonly total: number | null;
  readonly problem: Problem | null;
  readonly warning: Problem | null;
}

/** Items of tasks that wait for nothing: their arrays are there already. Too many are known before any is made. */
async function countItems(
  { ports }: WorkflowPorts,
  org: string,
  plan: Plan,
  spec: WorkflowSpec,
): Promise<readonly Counted[]> {
  const scope = scopeOf(plan, spec, [], ports.clock.now());
  const fieldOf = fieldsOf(plan.nodes);
  const { workflowMaxItems: maxItems } = (await ports.orgRules.of(org)).config;
  const counted: Counted[] = [];
  for (const node of plan.nodes) {
    if (node.kind === 'GROUP' || node.settings.expansion === null) continue;
    if (node.waitsFor.length > 0 || (plan.nodes[node.groupNode]?.waitsFor.length ?? 0) > 0) continue;
    counted.push(
      await countNode(ports.expressions, org, node, scope, maxItems, `${fieldOf(node)}.expansion`),
    );
  }
  return counted;
}

async function countNode(
  engine: WorkflowPorts['ports']['expressions'],
  org: string,
  node: TaskNode,
  scope: Scope,
  maxItems: number,
  field: string,
): Promise<Counted> {
  const limits = { maxItems, workflowId: '', workflowName: '' };
  const expanded = await expandNode(engine, org, node, scope, limits);
  if (expanded.ok) {
    const { total, repeated } = expanded;
    const warning = repeated && {
      field: `${field}.item_identifier`,
      reason: 'REPEATED_IDENTIFIER',
      description: repeatedWords(repeated),
    };
    return { node: node.node, total, problem: null, warning };
  }
  const problem = {
    field,
    reason: codeOf(expanded.reason),
    description: expanded.reason.replace(/^[A-Z_]+:\s*/, ''),
  };
  return { node: node.node, total: null, problem, warning: null };
}
