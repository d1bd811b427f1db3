import { isTerminal } from '../../src/domain/tasks/task-state.js';
import type { WorkflowSpec } from '../../src/domain/workflows/spec.js';
import { isOver } from '../../src/domain/workflows/workflow.js';
import type { Tables } from '../../src/memory/record/tables.js';

/** A workflow that was asked for, and what befell it. */
export interface Asked {
  readonly spec: WorkflowSpec;
  /** Once it was acknowledged. */
  workflowId: string | null;
  /** Somebody asked for its end. */
  cancelled: boolean;
  /** Its bad tasks do not fail any more. */
  mended: boolean;
  retries: number;
}

/** What is open although it should not be, for people. */
export function stuck(asked: readonly Asked[], tables: Tables): string {
  const open = [...tables.tasks.values()].filter(({ state }) => !isTerminal(state));
  const rows = [...tables.workflows.values()].filter(({ workflow }) => !isOver(workflow.state));
  return JSON.stringify({
    unstarted: asked.filter(({ workflowId }) => workflowId === null).length,
    tasks: open.map(({ taskId, state, workflow }) => [taskId, state, workflow?.node, workflow?.item]),
    workflows: rows.map(({ workflow, nodes, wakeTime }) => ({
      workflow,
      wakeTime,
      nodes: nodes.map(
        (n) => `${n.node} ${n.state} r${n.run} ${n.submitted}/${n.total} ${n.succeeded}+${n.failed}`,
      ),
    })),
  });
}
