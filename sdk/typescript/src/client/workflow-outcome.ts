import type { WorkflowInfo, WorkflowState } from './workflow-info.js';

export interface WorkflowWaitOptions {
  /** Gives up the wait, which then rejects with the signal's reason. The workflow goes on. */
  readonly signal?: AbortSignal;
  /** Gives up the wait with {@link WorkflowWaitTimeoutError}, in ms. Default: never. */
  readonly timeoutMs?: number;
}

/** A workflow that was waited for FAILED, or was CANCELLED. */
export class WorkflowFailedError extends Error {
  override readonly name = 'WorkflowFailedError';
  readonly workflowId: string;
  /** FAILED or CANCELLED. */
  readonly state: WorkflowState;
  readonly workflow: WorkflowInfo;

  constructor(workflow: WorkflowInfo) {
    const why = workflow.reason ? `: ${workflow.reason}` : '';
    super(`workflow ${workflow.workflowId} (${workflow.name}) ended ${workflow.state}${why}`);
    this.workflowId = workflow.workflowId;
    this.state = workflow.state;
    this.workflow = workflow;
  }
}

/** The time given to a wait passed; the workflow goes on. */
export class WorkflowWaitTimeoutError extends Error {
  override readonly name = 'WorkflowWaitTimeoutError';
  readonly workflowId: string;
  readonly timeoutMs: number;

  constructor(workflowId: string, timeoutMs: number) {
    super(`workflow ${workflowId} has not ended within ${timeoutMs} ms; it goes on`);
    this.workflowId = workflowId;
    this.timeoutMs = timeoutMs;
  }
}
