import type { Principal } from '../../domain/access/principal.js';
import type { Plan, Problem } from '../../domain/workflows/plan.js';
import type { WorkflowSpec } from '../../domain/workflows/spec.js';
import { stagesOf } from '../../domain/workflows/stages.js';
import { checkSpec } from './check-spec.js';
import type { WorkflowPorts } from './workflow-ports.js';

export interface Validated {
  readonly problems: readonly Problem[];
  /** What may be wrong. */
  readonly warnings: readonly Problem[];
  /** `null`: dependencies cannot be resolved. */
  readonly plan: Plan | null;
  /** Items of its nodes, where they are known ahead, in the order of the plan. */
  readonly totals: readonly (number | null)[];
  /** Tasks that can run side by side, as `group.task`. */
  readonly stages: readonly (readonly string[])[];
}

/** Says what is wrong with a spec and what would run, and stores nothing. */
export const validateWorkflow =
  (ports: WorkflowPorts) =>
  async ({ org }: Principal, spec: WorkflowSpec): Promise<Validated> => {
    const { resolved, problems, warnings, totals } = await checkSpec(ports, org, spec, true);
    const stages = resolved ? stagesOf(resolved) : [];
    return { problems, warnings, plan: resolved, totals, stages };
  };
