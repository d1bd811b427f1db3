import type { Plan } from '../../../domain/workflows/plan.js';
import type { WorkflowKey, WorkflowSnapshot } from '../../../ports/workflow-record.js';
import type { Ports } from '../../../usecases/ports.js';
import { workflowNotFound } from '../../../usecases/workflows/errors.js';
import type { WorkflowParts } from '../context.js';

/** A workflow as it is, and its plan. @throws NOT_FOUND (WORKFLOW_NOT_FOUND) */
export async function readSnapshot(
  ports: Pick<Ports, 'workflows'>,
  { loaded }: Pick<WorkflowParts, 'loaded'>,
  key: WorkflowKey,
): Promise<{ readonly snapshot: WorkflowSnapshot; readonly plan: Plan }> {
  const snapshot = await ports.workflows.open(key);
  if (!snapshot) throw workflowNotFound(key.workflowId);
  const { plan } = await loaded.load(key);
  return { snapshot, plan };
}
