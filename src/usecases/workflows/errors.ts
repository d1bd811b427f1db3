import { type FieldViolation, ReeveError } from '../../domain/errors.js';
import { oldestVersion } from '../../domain/workflows/context.js';
import type { Problem } from '../../domain/workflows/plan.js';
import type { Workflow } from '../../domain/workflows/workflow.js';

export function workflowNotFound(workflowId: string): ReeveError {
  return new ReeveError('NOT_FOUND', 'WORKFLOW_NOT_FOUND', `workflow ${workflowId} does not exist`, {
    metadata: { workflow_id: workflowId },
  });
}

export function workflowOver({ workflowId, state }: Workflow): ReeveError {
  const message = `workflow ${workflowId} has ended: it is ${state}`;
  return new ReeveError('FAILED_PRECONDITION', 'WORKFLOW_OVER', message, {
    metadata: { workflow_id: workflowId, state },
  });
}

export function notRetryable({ workflowId, state }: Workflow): ReeveError {
  const message = `workflow ${workflowId} is ${state}; only FAILED, PARTIAL and CANCELLED workflows can be retried`;
  return new ReeveError('FAILED_PRECONDITION', 'WORKFLOW_NOT_RETRYABLE', message, {
    metadata: { workflow_id: workflowId, state },
  });
}

export function requestIdReused(requestId: string, workflowId: string): ReeveError {
  const message = `request id ${requestId} was used before for another workflow, ${workflowId}`;
  return new ReeveError('ALREADY_EXISTS', 'REQUEST_ID_REUSED', message, {
    metadata: { request_id: requestId, workflow_id: workflowId },
  });
}

/** It changes faster than it can be changed. */
export function workflowBusy(workflowId: string): ReeveError {
  const message = `workflow ${workflowId} is being changed by others; try again`;
  return new ReeveError('ABORTED', 'WORKFLOW_BUSY', message, { retryAfterMs: 100 });
}

/** @throws OUT_OF_RANGE (CONTEXT_VERSION_UNKNOWN, CONTEXT_VERSION_GONE) */
export function requireContextVersion(
  { workflowId, contextVersion }: Pick<Workflow, 'workflowId' | 'contextVersion'>,
  version: number,
): void {
  const oldest = oldestVersion(contextVersion);
  if (version >= oldest && version <= contextVersion) return;
  const metadata = {
    workflow_id: workflowId,
    context_version: String(contextVersion),
    oldest_version: String(oldest),
  };
  const of = `the context of workflow ${workflowId}`;
  throw version < oldest
    ? new ReeveError(
        'OUT_OF_RANGE',
        'CONTEXT_VERSION_GONE',
        `${of} is not kept any more as it was at version ${version}; the oldest is ${oldest}, the newest ${contextVersion}`,
        { metadata },
      )
    : new ReeveError(
        'OUT_OF_RANGE',
        'CONTEXT_VERSION_UNKNOWN',
        `${of} has no version ${version}; the newest is ${contextVersion}`,
        { metadata },
      );
}

/** What is wrong with a spec, all of it. The reason is that of the first problem. */
export function invalidWorkflow(problems: readonly Problem[]): ReeveError {
  const violations = problems.map(({ field, reason, description }): FieldViolation => {
    return { field, description: `${reason}: ${description}` };
  });
  const [first] = violations;
  const more = violations.length > 1 ? ` (and ${violations.length - 1} more)` : '';
  const message = first ? `${first.field}: ${first.description}${more}` : 'invalid workflow';
  return new ReeveError('INVALID_ARGUMENT', 'WORKFLOW_INVALID', message, {
    violations,
    metadata: { problem: problems[0]?.reason ?? '' },
  });
}
