import type { JsonObject, MessageInitShape } from '@bufbuild/protobuf';
import {
  type WorkflowEventSchema,
  WorkflowEventType,
  type WorkflowNodeSchema,
  WorkflowNodeState,
  type WorkflowProblemSchema,
  type WorkflowProgressSchema,
  type WorkflowSchema,
  WorkflowState,
} from '@reeve/sdk/protocol';
import type { Plan, PlanNode, Problem } from '../../domain/workflows/plan.js';
import { type Progress, progressOf } from '../../domain/workflows/progress.js';
import {
  isOver,
  type Workflow,
  type WorkflowEvent,
  type WorkflowNode,
} from '../../domain/workflows/workflow.js';
import type { WorkflowSnapshot } from '../../ports/workflow-record.js';
import { optionalTimestampOf, timestampOf } from './time.js';

/** A workflow as answers hold it. */
export type WorkflowMessage = Extract<MessageInitShape<typeof WorkflowSchema>, { $typeName?: never }>;

/** A workflow without what takes a look at its nodes. */
export function toProtoWorkflow(workflow: Workflow): WorkflowMessage {
  return {
    workflowId: workflow.workflowId,
    name: workflow.name,
    state: WorkflowState[workflow.state],
    reason: workflow.reason,
    version: BigInt(workflow.version),
    seq: BigInt(workflow.seq),
    run: workflow.run,
    createTime: timestampOf(workflow.createTime),
    finishTime: optionalTimestampOf(workflow.finishTime),
    deadline: optionalTimestampOf(workflow.deadline),
    submitterSubjectId: workflow.submitterSubjectId,
    labels: { ...workflow.labels },
    contextVersion: BigInt(workflow.contextVersion),
  };
}

/** With its nodes, and how far they are. */
export function toProtoSnapshot({ workflow, nodes }: WorkflowSnapshot, plan: Plan): WorkflowMessage {
  return {
    ...toProtoWorkflow(workflow),
    nodes: toProtoNodes(plan, nodes),
    progress: toProtoProgress(progressOf(plan, nodes, isOver(workflow.state))),
  };
}

/** Nodes in the order of the plan; a group has the counts of its tasks. */
export function toProtoNodes(
  plan: Plan,
  nodes: readonly WorkflowNode[],
): MessageInitShape<typeof WorkflowNodeSchema>[] {
  return plan.nodes.map((planned, i) => {
    const node = nodes[i];
    const parts = planned.kind === 'GROUP' ? planned.tasks.map((task) => nodes[task]) : [node];
    const sum = (field: 'total' | 'submitted' | 'succeeded' | 'failed') =>
      BigInt(parts.reduce((total, part) => total + (part?.[field] ?? 0), 0));
    return {
      groupId: planned.group.groupId,
      taskId: planned.kind === 'TASK' ? planned.template.taskId : '',
      state: WorkflowNodeState[node?.state ?? 'UNSPECIFIED'],
      reason: node?.reason ?? '',
      totalCount: sum('total'),
      submittedCount: sum('submitted'),
      succeededCount: sum('succeeded'),
      failedCount: sum('failed'),
      startTime: optionalTimestampOf(node?.startTime ?? null),
      finishTime: optionalTimestampOf(node?.finishTime ?? null),
      resultKey: planned.kind === 'TASK' ? planned.resultKey : '',
      waitsFor: addressesOf(plan, planned),
    };
  });
}

function addressesOf(plan: Plan, { waitsFor }: PlanNode): string[] {
  return waitsFor.map((node) => plan.nodes[node]?.address ?? '');
}

function toProtoProgress(progress: Progress): MessageInitShape<typeof WorkflowProgressSchema> {
  return {
    totalCount: BigInt(progress.totalCount),
    submittedCount: BigInt(progress.submittedCount),
    succeededCount: BigInt(progress.succeededCount),
    failedCount: BigInt(progress.failedCount),
    fraction: progress.fraction,
  };
}

export function toProtoWorkflowEvent(
  event: WorkflowEvent,
  plan: Plan,
): MessageInitShape<typeof WorkflowEventSchema> {
  return {
    seq: BigInt(event.seq),
    type: WorkflowEventType[event.type],
    state: WorkflowState[event.state],
    eventTime: timestampOf(event.eventTime),
    node: event.node === null ? '' : (plan.nodes[event.node]?.address ?? ''),
    nodeState: WorkflowNodeState[event.nodeState ?? 'UNSPECIFIED'],
    reason: event.reason,
    actorSubjectId: event.actor,
    // It was read from JSON.
    detail: event.detail as JsonObject,
  };
}

export function toProtoProblem({
  field,
  reason,
  description,
}: Problem): MessageInitShape<typeof WorkflowProblemSchema> {
  return { field, reason, description };
}

/** Bytes that an event takes in an answer, roughly. */
export function workflowEventBytes({ reason, detail }: WorkflowEvent): number {
  return 512 + reason.length + JSON.stringify(detail).length;
}

/** Bytes that a workflow without its nodes takes in an answer, roughly. */
export function workflowBytes({ name, reason, labels }: Workflow): number {
  return 512 + name.length + reason.length + JSON.stringify(labels).length;
}
