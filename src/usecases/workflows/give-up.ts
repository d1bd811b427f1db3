import { isNodeOver, isOver } from '../../domain/workflows/workflow.js';
import type { WorkflowKey } from '../../ports/workflow-record.js';
import { changeWorkflow } from './change-workflow.js';
import type { WorkflowPorts } from './workflow-ports.js';

/** Ends a workflow that cannot be advanced, as it is; what is open of its tasks is cancelled as of any that is over. */
export const giveUp =
  (ports: WorkflowPorts) =>
  async (key: WorkflowKey, why: string): Promise<void> => {
    await changeWorkflow(ports, key, (copy) => {
      if (isOver(copy.workflow.state)) return false;
      const reason = `ADVANCE_FAILED: ${why}`;
      const now = ports.ports.clock.now();
      for (const { node, state } of copy.nodes) {
        if (!isNodeOver(state)) copy.setNode(node, { state: 'CANCELLED', reason, finishTime: now });
      }
      copy.setState('FAILED', { end: null, reason, finishTime: now });
      return true;
    });
  };
