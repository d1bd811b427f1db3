import type { Workflow } from '../../domain/workflows/workflow.js';
import type { WorkflowKey } from '../../ports/workflow-record.js';
import type { Ports } from '../ports.js';
import { workflowBusy, workflowNotFound } from './errors.js';
import type { WorkflowPorts } from './workflow-ports.js';
import { WorkingCopy } from './working-copy.js';

/** How often it is tried against others that change it at the same time. */
const ATTEMPTS = 20;

/** Whose clock it is, and where workflows are kept. */
export interface Changing extends Pick<WorkflowPorts, 'workflows'> {
  readonly ports: Pick<Ports, 'clock'>;
}

/**
 * Changes a workflow for somebody who asked for it; it is due at once then.
 *
 * @param change false: nothing is to be changed
 * @throws NOT_FOUND; ABORTED (WORKFLOW_BUSY) if others were faster again and again
 */
export async function changeWorkflow(
  { ports, workflows }: Changing,
  key: WorkflowKey,
  change: (copy: WorkingCopy) => boolean | Promise<boolean>,
): Promise<Workflow> {
  for (let i = 0; i < ATTEMPTS; i++) {
    const snapshot = await workflows.open(key);
    if (!snapshot) throw workflowNotFound(key.workflowId);
    const copy = new WorkingCopy(snapshot);
    if (!(await change(copy))) return snapshot.workflow;
    const outcome = await workflows.commit(copy.commit(ports.clock.now()));
    if (outcome.kind === 'OK') return outcome.workflow;
    if (outcome.kind === 'NOT_FOUND') throw workflowNotFound(key.workflowId);
  }
  throw workflowBusy(key.workflowId);
}
