import type { WorkflowSpec } from '../../../domain/workflows/spec.js';
import type { Workflow, WorkflowEvent, WorkflowNode } from '../../../domain/workflows/workflow.js';
import type { ContextRow } from '../../../ports/workflow-record.js';

/** A workflow with all that is its own. */
export interface WorkflowRow {
  workflow: Workflow;
  readonly spec: WorkflowSpec;
  readonly request: { readonly requestId: string; readonly bodyHash: Uint8Array } | null;
  /** In the order of the plan. */
  nodes: readonly WorkflowNode[];
  /** The rows that were written, but for those that were pruned; oldest first. */
  context: ContextRow[];
  readonly events: WorkflowEvent[];
  wakeTime: number | null;
}
