import type { GroupSpec, OnFailure, TaskDefaults, TemplateSpec } from './spec.js';

/** A spec, resolved: each group is followed by its tasks. `node` is the place in this list. */
export interface Plan {
  readonly nodes: readonly PlanNode[];
}

interface Common {
  readonly node: number;
  /** `group` or `group.task`. */
  readonly address: string;
  readonly group: GroupSpec;
  /** Nodes that have to have ended; of a task not its group, which has to have begun. */
  readonly waitsFor: readonly number[];
}

export interface GroupNode extends Common {
  readonly kind: 'GROUP';
  /** Its tasks. */
  readonly tasks: readonly number[];
}

export interface TaskNode extends Common {
  readonly kind: 'TASK';
  /** Its group's node. */
  readonly groupNode: number;
  readonly template: TemplateSpec;
  /** Its own, its group's, the workflow's: the first that says something, field by field. */
  readonly settings: TaskDefaults & { readonly onFailure: OnFailure };
  /** Where its result goes in the context. */
  readonly resultKey: string;
}

export type PlanNode = GroupNode | TaskNode;

/** What is wrong with a spec. */
export interface Problem {
  /** Such as `spec.groups[0].tasks[2].depends_on[0]`. */
  readonly field: string;
  /** Such as CYCLE; see `WorkflowProblem` in workflow_steering.proto. */
  readonly reason: string;
  readonly description: string;
}
