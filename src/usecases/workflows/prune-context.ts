import { oldestVersion } from '../../domain/workflows/context.js';
import type { Workflow } from '../../domain/workflows/workflow.js';
import type { WorkflowRecord } from '../../ports/workflow-record.js';

/** Versions after which it is done again. */
const EVERY = 100;
/** Values that are forgotten by one statement. */
const AT_ONCE = 10_000;

/**
 * Forgets what a context was at versions that are not kept any more; to be told of each commit that has written to it.
 * Whoever wrote is not told of a failure: what they wrote is there, and the next round does it.
 */
export async function pruneContext(
  workflows: Pick<WorkflowRecord, 'pruneContext'>,
  workflow: Workflow,
): Promise<void> {
  const { contextVersion } = workflow;
  // One round behind, so that whoever reads the oldest version has time to.
  const oldest = oldestVersion(contextVersion) - EVERY;
  if (contextVersion % EVERY !== 0 || oldest <= 0) return;
  try {
    while ((await workflows.pruneContext(workflow, oldest, AT_ONCE)) === AT_ONCE);
  } catch {
    return;
  }
}
