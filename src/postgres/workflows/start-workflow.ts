import type { JsonValue } from '../../domain/json.js';
import { storable, storableText } from '../../domain/policies/storable.js';
import type { WorkflowSpec } from '../../domain/workflows/spec.js';
import type { NewWorkflow, StartOutcome } from '../../ports/workflow-record.js';
import type { Database } from '../database.js';
import { isPassingConflict } from '../sql-errors.js';
import { loadStatement } from '../statement.js';
import { decodeWorkflow, type WorkflowColumns } from './rows.js';

const START_WORKFLOW = loadStatement('./start-workflow.sql', import.meta.url);

interface Row extends WorkflowColumns {
  readonly kind: StartOutcome['kind'];
}

export async function startWorkflow(db: Database, started: NewWorkflow): Promise<StartOutcome> {
  const { org, workflowId, submitterSubjectId, actor, createTime, deadline, nodeCount, request } = started;
  const spec = storable(started.spec as unknown as JsonValue) as unknown as WorkflowSpec;
  const values = [
    org,
    workflowId,
    JSON.stringify(spec),
    spec.name,
    JSON.stringify(spec.labels),
    submitterSubjectId,
    storableText(actor),
    createTime,
    deadline,
    nodeCount,
    request?.requestId ?? null,
    request?.bodyHash ?? null,
  ];
  const write = () => db.write<Row>(START_WORKFLOW, values);
  // Two calls of one name at once: whoever is second finds the workflow of the first.
  const [row] = await write().catch((error: unknown) => {
    if (isPassingConflict(error)) return write();
    throw error;
  });
  if (!row) throw new Error('a workflow was started, and is not there');
  const workflow = decodeWorkflow(row);
  return row.kind === 'REQUEST_ID_REUSED'
    ? { kind: row.kind, workflowId: workflow.workflowId }
    : { kind: row.kind, workflow };
}
