import { type JsonObject, type JsonValue, toJson } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { Workflow, WorkflowEvent, WorkflowNode } from '../gen/reeve/v1/workflow_pb.js';
import {
  WorkflowEventType as EventNumber,
  WorkflowNodeState as NodeNumber,
  WorkflowState as StateNumber,
} from '../gen/reeve/v1/workflow_pb.js';
import { WorkflowSpecSchema } from '../gen/reeve/v1/workflow_spec_pb.js';
import { ReeveError } from '../transport/errors.js';
import { dateOf } from '../views.js';
import { jsonOf } from './policy-decision.js';

/** Phases of a workflow, and its ends. */
export type WorkflowState = Exclude<keyof typeof StateNumber, 'UNSPECIFIED'>;
/** Where a group or a task of a workflow is. */
export type WorkflowNodeState = Exclude<keyof typeof NodeNumber, 'UNSPECIFIED'>;
/** What happened to a workflow. */
export type WorkflowEventType = Exclude<keyof typeof EventNumber, 'UNSPECIFIED'>;

const ENDS: readonly WorkflowState[] = ['SUCCEEDED', 'FAILED', 'PARTIAL', 'CANCELLED'];

/** Whether a workflow in this state has ended; it leaves it only by `retry`. */
export function workflowHasEnded(state: WorkflowState): boolean {
  return ENDS.includes(state);
}

/** A group of a workflow, or a task of it with all that it expands to. */
export interface WorkflowNodeInfo {
  readonly groupId: string;
  /** Empty: the group itself. */
  readonly taskId: string;
  readonly state: WorkflowNodeState;
  /** Why, in words; begins with a code. Empty if there is none. */
  readonly reason: string;
  /** Its items, 1 without an expansion; 0 before they are counted. */
  readonly totalCount: number;
  readonly submittedCount: number;
  readonly succeededCount: number;
  /** Tasks that ended otherwise. */
  readonly failedCount: number;
  readonly startTime?: Date;
  readonly finishTime?: Date;
  /** Where its result is in the context. */
  readonly resultKey: string;
  /** As `group` or `group.task`. */
  readonly waitsFor: readonly string[];
}

/** How far a workflow is; tasks count once they are known. */
export interface WorkflowProgressInfo {
  readonly totalCount: number;
  readonly submittedCount: number;
  readonly succeededCount: number;
  readonly failedCount: number;
  /** From 0 to 1; 1 only when it has ended. */
  readonly fraction: number;
}

/** A run of a workflow. */
export interface WorkflowInfo {
  readonly workflowId: string;
  readonly name: string;
  readonly state: WorkflowState;
  /** Why; begins with a code where it FAILED. Empty if there is nothing to say. */
  readonly reason: string;
  /** Each group before its tasks; empty in lists. */
  readonly nodes: readonly WorkflowNodeInfo[];
  readonly progress: WorkflowProgressInfo;
  readonly labels: Readonly<Record<string, string>>;
  /** Raised by each change of it. */
  readonly version: number;
  /** The number of its newest event. */
  readonly seq: number;
  /** Raised by `retry`; from 1. */
  readonly run: number;
  /** Raised by each change of its context. */
  readonly contextVersion: number;
  readonly submitterSubjectId: string;
  readonly createTime: Date;
  readonly finishTime?: Date;
  readonly deadline?: Date;
  /** What was asked for, where it was asked for in full; as `readWorkflow` takes it. */
  readonly spec?: JsonValue;
  /** The context, or the part of it that was asked for. */
  readonly context?: JsonValue;
}

/** One entry of a workflow's trail. */
export interface WorkflowEventInfo {
  /** From 1, without gaps. */
  readonly seq: number;
  readonly type: WorkflowEventType;
  /** The workflow's state after it. */
  readonly state: WorkflowState;
  readonly eventTime: Date;
  /** As `group` or `group.task`; empty: the workflow. */
  readonly node: string;
  /** That node's state after it. */
  readonly nodeState?: WorkflowNodeState;
  readonly reason: string;
  /** Empty: nobody. */
  readonly actorSubjectId: string;
  readonly detail: JsonObject;
}

export function workflowInfo(workflow: Workflow | undefined): WorkflowInfo {
  if (!workflow) throw new ReeveError('the coordinator answered without the workflow', { code: 'INTERNAL' });
  const { progress, finishTime, deadline, spec, context } = workflow;
  return {
    workflowId: workflow.workflowId,
    name: workflow.name,
    state: stateName(workflow.state),
    reason: workflow.reason,
    nodes: workflow.nodes.map(workflowNodeInfo),
    progress: {
      totalCount: Number(progress?.totalCount ?? 0),
      submittedCount: Number(progress?.submittedCount ?? 0),
      succeededCount: Number(progress?.succeededCount ?? 0),
      failedCount: Number(progress?.failedCount ?? 0),
      fraction: progress?.fraction ?? 0,
    },
    labels: { ...workflow.labels },
    version: Number(workflow.version),
    seq: Number(workflow.seq),
    run: workflow.run,
    contextVersion: Number(workflow.contextVersion),
    submitterSubjectId: workflow.submitterSubjectId,
    createTime: dateOf(workflow.createTime),
    ...(finishTime && { finishTime: timestampDate(finishTime) }),
    ...(deadline && { deadline: timestampDate(deadline) }),
    ...(spec && { spec: toJson(WorkflowSpecSchema, spec) }),
    ...(context && { context: jsonOf(context) }),
  };
}

export function workflowNodeInfo(node: WorkflowNode): WorkflowNodeInfo {
  const { groupId, taskId, reason, startTime, finishTime, resultKey, waitsFor } = node;
  return {
    groupId,
    taskId,
    state: nodeStateName(node.state),
    reason,
    totalCount: Number(node.totalCount),
    submittedCount: Number(node.submittedCount),
    succeededCount: Number(node.succeededCount),
    failedCount: Number(node.failedCount),
    ...(startTime && { startTime: timestampDate(startTime) }),
    ...(finishTime && { finishTime: timestampDate(finishTime) }),
    resultKey,
    waitsFor: [...waitsFor],
  };
}

export function workflowEventInfo(event: WorkflowEvent): WorkflowEventInfo {
  return {
    seq: Number(event.seq),
    type: (EventNumber[event.type] ?? String(event.type)) as WorkflowEventType,
    state: stateName(event.state),
    eventTime: dateOf(event.eventTime),
    node: event.node,
    ...(event.nodeState !== NodeNumber.UNSPECIFIED && { nodeState: nodeStateName(event.nodeState) }),
    reason: event.reason,
    actorSubjectId: event.actorSubjectId,
    detail: event.detail ?? {},
  };
}

/** A name of a later version comes as its number, so that it is at least seen. */
const stateName = (value: StateNumber) => (StateNumber[value] ?? String(value)) as WorkflowState;
const nodeStateName = (value: NodeNumber) => (NodeNumber[value] ?? String(value)) as WorkflowNodeState;
