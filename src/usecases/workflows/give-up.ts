import { isNodeOver, isOver } from '../../domain/workflows/workflow.js';
import type { WorkflowKey } from '../../ports/workflow-record.js';
import { type Changing, changeWorkflow } from './change-workflow.js';

/** Ends a workflow that cannot be advanced, as it is; what is open of its tasks is cancelled as of any that is over. */
export const giveUp =
  (ports: Changing) =>
  async (key: WorkflowKey, why: string): Promise<void> => {
    await changeWorkflow(ports, key, (copy) => {
      if (isOver(copy.workflow.state)) return false;
      const reason = `ADVANCE_FAILED: ${why}`;
      const now = ports.ports.clock.now();
      for (const { node, state } of copy.nodes) {
        if (isNodeOver(state)) continue;
        const cancelled = 'CANCELLED: the workflow could not go on';
        copy.setNode(node, { state: 'CANCELLED', reason: cancelled, finishTime: now });
      }
      copy.setState('FAILED', { end: null, reason, finishTime: now });
      return true;
    });
  };
