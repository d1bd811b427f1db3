import { isTerminal } from '../domain/tasks/task-state.js';
import type { Moved } from '../ports/task-record.js';
import type { WorkflowKey } from '../ports/workflow-record.js';
import type { Ports } from './ports.js';

/** Has the workflows looked at of which tasks have ended. */
export function wakeWorkflows(
  { wakeWorkflows: wake }: Pick<Ports, 'wakeWorkflows'>,
  moved: readonly Pick<Moved, 'change' | 'workflowId'>[],
): void {
  if (!wake) return;
  const keys = new Map<string, WorkflowKey>();
  for (const { change, workflowId } of moved) {
    if (workflowId === undefined || !isTerminal(change.state)) continue;
    keys.set(workflowId, { org: change.org, workflowId });
  }
  if (keys.size > 0) wake([...keys.values()]);
}
