import type { Principal } from '../../domain/access/principal.js';
import type { Plan, PlanNode, Problem } from '../../domain/workflows/plan.js';
import type { WorkflowSpec } from '../../domain/workflows/spec.js';
import { stagesOf } from '../../domain/workflows/stages.js';
import type { WorkflowNode } from '../../domain/workflows/workflow.js';
import { checkSpec } from './check-spec.js';
import { warningsOf } from './warnings.js';
import type { WorkflowPorts } from './workflow-ports.js';

export interface Validated {
  readonly problems: readonly Problem[];
  /** What may be wrong. */
  readonly warnings: readonly Problem[];
  /** `null`: dependencies cannot be resolved. */
  readonly plan: Plan | null;
  /** As they would begin, with their items where these are known ahead; in the order of the plan. */
  readonly nodes: readonly WorkflowNode[];
  /** Tasks that can run side by side, as `group.task`. */
  readonly stages: readonly (readonly string[])[];
}

/** Says what is wrong with a spec and what would run, and stores nothing. */
export const validateWorkflow =
  (ports: WorkflowPorts) =>
  async (principal: Principal, spec: WorkflowSpec): Promise<Validated> => {
    const { resolved, problems, totals, ...checked } = await checkSpec(ports, principal.org, spec);
    if (!resolved) return { problems, warnings: [], plan: null, nodes: [], stages: [] };
    const warnings = [...checked.warnings, ...(await warningsOf(ports.ports)(principal, spec, resolved))];
    const nodes = resolved.nodes.map((one) => nodeOf(one, totals[one.node] ?? null));
    return { problems, warnings, plan: resolved, nodes, stages: stagesOf(resolved) };
  };

function nodeOf(planned: PlanNode, known: number | null): WorkflowNode {
  const { node } = planned;
  const single = planned.kind === 'TASK' && planned.settings.expansion === null ? 1 : 0;
  const total = known ?? single;
  const counts = { total, submitted: 0, succeeded: 0, failed: 0 };
  return { node, state: 'WAITING', reason: '', run: 1, ...counts, startTime: null, finishTime: null };
}
