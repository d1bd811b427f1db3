import type { JsonValue } from '../../../domain/json.js';
import { storable, storableText } from '../../../domain/policies/storable.js';
import type { WorkflowSpec } from '../../../domain/workflows/spec.js';
import type { Workflow, WorkflowNode } from '../../../domain/workflows/workflow.js';
import type { NewWorkflow, StartOutcome } from '../../../ports/workflow-record.js';
import { keyOf, type Tables } from '../tables.js';
import type { WorkflowRow } from './workflow-row.js';

export function startWorkflow(tables: Tables, started: NewWorkflow, now: number): StartOutcome {
  const known = knownBy(tables, started);
  if (known) return known;
  const { org, workflowId, createTime, nodeCount, request, actor } = started;
  const spec = storable(started.spec as unknown as JsonValue) as unknown as WorkflowSpec;
  const workflow: Workflow = {
    org,
    workflowId,
    name: spec.name,
    labels: spec.labels,
    submitterSubjectId: started.submitterSubjectId,
    state: 'INITIALIZING',
    end: null,
    reason: '',
    version: 1,
    seq: 1,
    run: 1,
    contextVersion: 0,
    createTime,
    finishTime: null,
    deadline: started.deadline,
  };
  const event = {
    seq: 1,
    type: 'STARTED',
    node: null,
    nodeState: null,
    reason: '',
    actor: storableText(actor),
    detail: {},
    state: workflow.state,
    eventTime: now,
  } as const;
  const row: WorkflowRow = {
    workflow,
    spec,
    request,
    nodes: Array.from({ length: nodeCount }, (_, node) => newNode(node)),
    context: [],
    events: [event],
    wakeTime: now,
  };
  tables.workflows.set(keyOf(org, workflowId), row);
  return { kind: 'STARTED', workflow };
}

function knownBy(tables: Tables, { org, workflowId, request }: NewWorkflow): StartOutcome | null {
  const named = [...tables.workflows.values()].find(
    (row) => row.workflow.org === org && request !== null && row.request?.requestId === request.requestId,
  );
  if (named) {
    const { workflow } = named;
    return same(named.request?.bodyHash, request?.bodyHash)
      ? { kind: 'ALREADY_STARTED', workflow }
      : { kind: 'REQUEST_ID_REUSED', workflowId: workflow.workflowId };
  }
  const row = tables.workflows.get(keyOf(org, workflowId));
  return row ? { kind: 'ALREADY_STARTED', workflow: row.workflow } : null;
}

function same(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && a.length === b?.length && a.every((byte, i) => byte === b[i]);
}

function newNode(node: number): WorkflowNode {
  return {
    node,
    state: 'WAITING',
    reason: '',
    run: 1,
    total: 0,
    submitted: 0,
    succeeded: 0,
    failed: 0,
    startTime: null,
    finishTime: null,
  };
}
