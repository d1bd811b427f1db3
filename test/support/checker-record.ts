/** The record as the checker sees it, whoever read it. */
export interface RecordedTask {
  readonly taskId: string;
  readonly state: string;
  readonly epoch: number;
  readonly attempt: number;
  readonly series: number;
  readonly agentId: string | null;
  /** The label `request`: which submission it came from. */
  readonly requestId: string | null;
  /** Where the reader has them. */
  readonly dependencies?: readonly { readonly taskId: string; readonly runAnyway: boolean }[];
  /** The input as canonical JSON, where the reader has it. */
  readonly body?: string;
  /** The output, where the reader has it. */
  readonly output?: unknown;
  /** The workflow that it is part of. */
  readonly workflowId?: string;
  /** Which part, where the reader has it. */
  readonly place?: WorkflowPlace;
}

/** Which item of which node of a workflow a task is. */
export interface WorkflowPlace {
  readonly node: number;
  readonly run: number;
  readonly item: number;
  /** `group.task` */
  readonly address: string;
}

/** A workflow with its nodes and its context. */
export interface RecordedWorkflow {
  readonly workflowId: string;
  readonly requestId: string | null;
  readonly state: string;
  readonly nodes: readonly RecordedNode[];
  /** The newest value of each path. */
  readonly context: Readonly<Record<string, unknown>>;
  /** Numbers of its events, in order. */
  readonly seqs: readonly number[];
}

export interface RecordedNode {
  readonly node: number;
  readonly state: string;
  readonly run: number;
  readonly total: number;
  readonly submitted: number;
  readonly succeeded: number;
  readonly failed: number;
}

export interface RecordedEvent {
  readonly taskId: string;
  readonly seq: number;
  readonly type: string;
  readonly state: string;
  readonly epoch: number;
  readonly attempt: number;
  readonly series: number;
  readonly agentId: string | null;
  /** On one clock for all tasks, where the reader has it: ms. */
  readonly eventTime?: number;
}

/** An entry of the table of dependencies. */
export interface RecordedEdge {
  readonly taskId: string;
  readonly upstreamId: string;
  readonly state: 'open' | 'satisfied' | 'broken';
}

/** What an attempt left, by the table of results. */
export interface RecordedResult {
  readonly taskId: string;
  readonly epoch: number;
  readonly series: number;
  readonly resultId: string;
  readonly outcome: string;
}

/** An entry of the table of request ids. */
export interface RecordedRequest {
  readonly requestId: string;
  readonly taskId: string;
}

export interface RecordSnapshot {
  readonly tasks: readonly RecordedTask[];
  readonly events: readonly RecordedEvent[];
  /** Where the reader can see them: the API does not show them. */
  readonly results?: readonly RecordedResult[];
  readonly requests?: readonly RecordedRequest[];
  readonly edges?: readonly RecordedEdge[];
  readonly workflows?: readonly RecordedWorkflow[];
}

export interface Violation {
  /** As in the table of invariants; `W`: of workflows. */
  readonly invariant: 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I9' | 'I10' | 'I12' | 'I13' | 'W';
  readonly taskId: string;
  readonly message: string;
}

export const TERMINAL: ReadonlySet<string> = new Set([
  'SUCCEEDED',
  'FAILED',
  'DEAD_LETTER',
  'CANCELLED',
  'TIMED_OUT',
  'SKIPPED',
  'REJECTED',
]);
