import type { JsonObject } from '../json.js';

/** Phases, then ends; see `WorkflowState` in workflow.proto. */
export const WORKFLOW_STATES = [
  'INITIALIZING',
  'RESOLVING',
  'PROCESSING',
  'COMPLETING',
  'SUCCEEDED',
  'FAILED',
  'PARTIAL',
  'CANCELLED',
] as const;
export type WorkflowState = (typeof WORKFLOW_STATES)[number];
export type WorkflowEnd = Extract<WorkflowState, 'SUCCEEDED' | 'FAILED' | 'PARTIAL' | 'CANCELLED'>;

export const WORKFLOW_ENDS: readonly WorkflowEnd[] = ['SUCCEEDED', 'FAILED', 'PARTIAL', 'CANCELLED'];

export function isOver(state: WorkflowState): state is WorkflowEnd {
  return (WORKFLOW_ENDS as readonly WorkflowState[]).includes(state);
}

/** A run of a workflow, as the record holds it. Times in ms since the epoch. */
export interface Workflow {
  readonly org: string;
  readonly workflowId: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly submitterSubjectId: string;
  readonly state: WorkflowState;
  /** While COMPLETING: how it ends. */
  readonly end: WorkflowEnd | null;
  /** Begins with a code where it FAILED. */
  readonly reason: string;
  /** Raised by each change of it but counts; what is decided counts only if it is as it was read. */
  readonly version: number;
  /** The number of its newest event. */
  readonly seq: number;
  /** Raised by a retry; from 1. */
  readonly run: number;
  readonly contextVersion: number;
  readonly createTime: number;
  readonly finishTime: number | null;
  readonly deadline: number | null;
}

export const NODE_STATES = [
  'WAITING',
  'EXPANDING',
  'RUNNING',
  'ESCALATED',
  'SUCCEEDED',
  'PARTIAL',
  'FAILED',
  'SKIPPED',
  'CANCELLED',
] as const;
export type NodeState = (typeof NODE_STATES)[number];

const NODE_ENDS: readonly NodeState[] = ['SUCCEEDED', 'PARTIAL', 'FAILED', 'SKIPPED', 'CANCELLED'];

export function isNodeOver(state: NodeState): boolean {
  return NODE_ENDS.includes(state);
}

/** A group, or a task with all that it expands to, by its place in the plan. */
export interface WorkflowNode {
  readonly node: number;
  readonly state: NodeState;
  readonly reason: string;
  /** Raised when all of it is begun anew; names its tasks. From 1. */
  readonly run: number;
  /** Its items; 0 before they are counted, and of groups. */
  readonly total: number;
  /** Items whose tasks were made. */
  readonly submitted: number;
  /** Of its tasks, those that ended; what is not absorbed yet included. */
  readonly succeeded: number;
  readonly failed: number;
  readonly startTime: number | null;
  readonly finishTime: number | null;
}

export const WORKFLOW_EVENT_TYPES = [
  'STARTED',
  'PHASE_CHANGED',
  'NODE_READY',
  'NODE_EXPANDED',
  'NODE_FINISHED',
  'ESCALATED',
  'CONTEXT_CHANGED',
  'PARTIAL_RESULTS',
  'CANCEL_REQUESTED',
  'RETRIED',
  'FINISHED',
] as const;
export type WorkflowEventType = (typeof WORKFLOW_EVENT_TYPES)[number];

/** One entry of a workflow's trail, on its way to the record. */
export interface NewWorkflowEvent {
  readonly type: WorkflowEventType;
  /** `null`: the workflow. */
  readonly node: number | null;
  readonly nodeState: NodeState | null;
  readonly reason: string;
  /** Empty: nobody. */
  readonly actor: string;
  readonly detail: JsonObject;
}

export interface WorkflowEvent extends NewWorkflowEvent {
  /** From 1, without gaps. */
  readonly seq: number;
  /** After it. */
  readonly state: WorkflowState;
  readonly eventTime: number;
}

/** Which part of a workflow a task is. */
export interface WorkflowPlace {
  readonly workflowId: string;
  /** By its place in the plan. */
  readonly node: number;
  /** The node's when it was made: tasks of earlier ones count no more. */
  readonly run: number;
  /** From 1. */
  readonly item: number;
  /** For people, and for agents. */
  readonly groupId: string;
  readonly templateId: string;
}
