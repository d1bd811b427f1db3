import { decide } from '../../../src/domain/workflows/decide.js';
import type { OnFailure } from '../../../src/domain/workflows/spec.js';
import type { StepLimits } from '../../../src/domain/workflows/steps.js';
import type { Workflow, WorkflowNode } from '../../../src/domain/workflows/workflow.js';
import { NOTHING_SAID, planOf, standing } from './specs.js';

export type Groups = Parameters<typeof planOf>[0];
/** By address. */
export type Nodes = Readonly<Record<string, Partial<WorkflowNode>>>;
interface Said extends Partial<Workflow> {
  readonly now?: number;
  readonly limits?: StepLimits;
}

/** What is decided, each step with the address of its node. */
export function next(
  groups: Groups,
  nodes: Nodes,
  { now = 1_000, limits, ...said }: Said = {},
): readonly unknown[] {
  const plan = planOf(groups);
  return decide(plan, standing(plan, nodes, said), now, limits).map((step) =>
    'node' in step && step.node !== null ? { ...step, node: plan.nodes[step.node]?.address } : step,
  );
}

/** A group that runs, a node that is done, and a task of one item that runs. */
export const running = { state: 'RUNNING', startTime: 500 } as const;
export const succeeded = { state: 'SUCCEEDED' } as const;
export const one = { state: 'RUNNING', total: 1, submitted: 1 } as const;

export const on = (onFailure: OnFailure) => ({ settings: { ...NOTHING_SAID, onFailure } });
