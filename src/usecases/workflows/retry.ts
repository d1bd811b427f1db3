import type { Principal } from '../../domain/access/principal.js';
import { retryOf } from '../../domain/workflows/retry.js';
import type { Workflow } from '../../domain/workflows/workflow.js';
import type { WorkflowKey } from '../../ports/workflow-record.js';
import { changeWorkflow } from './change-workflow.js';
import { notRetryable } from './errors.js';
import { planOf } from './plan-of.js';
import { anew } from './retry-failed.js';
import type { WorkflowPorts } from './workflow-ports.js';

const RETRYABLE: readonly Workflow['state'][] = ['FAILED', 'PARTIAL', 'CANCELLED'];

/**
 * Runs again what did not succeed, on the same context. Its failed tasks are retried when it is advanced, before it
 * goes on.
 *
 * @throws NOT_FOUND; FAILED_PRECONDITION (WORKFLOW_NOT_RETRYABLE)
 */
export const retryWorkflow =
  (ports: WorkflowPorts) =>
  async ({ subject: actor }: Principal, key: WorkflowKey, reason: string): Promise<Workflow> => {
    const workflow = await changeWorkflow(ports, key, async (copy) => {
      if (!RETRYABLE.includes(copy.workflow.state)) throw notRetryable(copy.workflow);
      const spec = await ports.workflows.getSpec(key);
      const { plan } = spec ? planOf(spec) : { plan: null };
      if (!spec || !plan) throw notRetryable(copy.workflow);
      const now = ports.ports.clock.now();
      const { anew: again, goOn } = retryOf(plan, copy.before);
      for (const node of again) copy.setNode(node, anew(copy.node(node)));
      for (const { node, state } of goOn) {
        const isGroup = plan.nodes[node]?.kind === 'GROUP';
        copy.setNode(node, { state, reason: '', finishTime: null, ...(isGroup && { startTime: now }) });
      }
      const { run } = copy.workflow;
      const deadline = spec.timeoutMs === null ? null : now + spec.timeoutMs;
      copy.say('RETRIED', { reason, actor, detail: { run: run + 1 } });
      copy.reopen({ run: run + 1, deadline });
      return true;
    });
    ports.wake([key]);
    return workflow;
  };
