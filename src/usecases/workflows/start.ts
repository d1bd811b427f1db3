import type { Principal } from '../../domain/access/principal.js';
import type { WorkflowSpec } from '../../domain/workflows/spec.js';
import type { Workflow } from '../../domain/workflows/workflow.js';
import type { NewWorkflow } from '../../ports/workflow-record.js';
import { checkSpec } from './check-spec.js';
import { invalidWorkflow, requestIdReused } from './errors.js';
import type { WorkflowPorts } from './workflow-ports.js';

export interface StartItem {
  /** What only some may say was looked at. */
  readonly spec: WorkflowSpec;
  /** Names the call, so that it can be repeated safely. */
  readonly request: NewWorkflow['request'];
}

export interface Started {
  readonly workflow: Workflow;
  /** Whether the request had been seen before. */
  readonly alreadyStarted: boolean;
  /** For people. */
  readonly notes: readonly string[];
}

/**
 * Stores a workflow; it runs by itself from here on.
 *
 * @throws INVALID_ARGUMENT (WORKFLOW_INVALID) for what validateWorkflow finds; ALREADY_EXISTS (REQUEST_ID_REUSED)
 */
export const startWorkflow =
  (ports: WorkflowPorts) =>
  async ({ org, subject: actor }: Principal, { spec, request }: StartItem): Promise<Started> => {
    const { plan, problems, warnings } = await checkSpec(ports, org, spec);
    if (!plan) throw invalidWorkflow(problems);
    const { clock, ids, failpoints } = ports.ports;
    const createTime = clock.now();
    await failpoints.hit('workflow.before-start');
    const outcome = await ports.workflows.start({
      org,
      workflowId: ids.taskId(),
      spec,
      submitterSubjectId: spec.submitterSubjectId || actor,
      actor,
      createTime,
      deadline: spec.timeoutMs === null ? null : createTime + spec.timeoutMs,
      nodeCount: plan.nodes.length,
      request,
    });
    await failpoints.hit('workflow.after-start');
    if (outcome.kind === 'REQUEST_ID_REUSED') {
      throw requestIdReused(request?.requestId ?? '', outcome.workflowId);
    }
    const { workflow } = outcome;
    const notes = warnings.map(({ field, description }) => `${field}: ${description}`);
    ports.wake([{ org, workflowId: workflow.workflowId }]);
    return { workflow, alreadyStarted: outcome.kind === 'ALREADY_STARTED', notes };
  };
