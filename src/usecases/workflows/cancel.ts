import type { Principal } from '../../domain/access/principal.js';
import { isOver, type Workflow } from '../../domain/workflows/workflow.js';
import type { WorkflowKey } from '../../ports/workflow-record.js';
import { changeWorkflow } from './change-workflow.js';
import { workflowOver } from './errors.js';
import type { WorkflowPorts } from './workflow-ports.js';

/**
 * Has a workflow end: its open tasks are cancelled, and what there is of results stays in its context. Idempotent.
 *
 * @throws NOT_FOUND; FAILED_PRECONDITION (WORKFLOW_OVER) if it has ended otherwise
 */
export const cancelWorkflow =
  (ports: WorkflowPorts) =>
  async ({ subject: actor }: Principal, key: WorkflowKey, reason: string): Promise<Workflow> => {
    const workflow = await changeWorkflow(ports, key, (copy) => {
      const { state, end } = copy.workflow;
      if (state === 'CANCELLED' || (state === 'COMPLETING' && end === 'CANCELLED')) return false;
      if (isOver(state)) throw workflowOver(copy.workflow);
      copy.say('CANCEL_REQUESTED', { reason, actor });
      copy.setState('COMPLETING', {
        end: 'CANCELLED',
        reason: reason === '' ? 'CANCELLED' : `CANCELLED: ${reason}`,
      });
      return true;
    });
    if (!isOver(workflow.state)) ports.wake([key]);
    return workflow;
  };
