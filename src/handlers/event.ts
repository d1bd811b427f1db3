import type { TaskEvent } from '../domain/tasks/task.js';
import { type TaskEventType, TRANSITIONS } from '../domain/tasks/task-state.js';
import {
  WORKFLOW_EVENT_TYPES,
  type WorkflowEvent,
  type WorkflowEventType,
} from '../domain/workflows/workflow.js';

/** Something that happened to a task, as its audit trail has it. */
export interface TaskHappening extends TaskEvent {
  readonly subject: 'task';
  readonly org: string;
}

/** Something that happened to a workflow, as its trail has it. */
export interface WorkflowHappening extends Omit<WorkflowEvent, 'node' | 'actor'> {
  readonly subject: 'workflow';
  readonly org: string;
  readonly workflowId: string;
  /** As `group` or `group.task`; empty: the workflow itself. */
  readonly node: string;
  /** Empty: nobody. */
  readonly actorSubjectId: string;
}

/** What handlers are told of. Frozen, whole: several of them get the same one. */
export type Happening = TaskHappening | WorkflowHappening;

/** Which events: all, those of tasks or of workflows, or those of one type. */
export type EventPattern =
  | '*'
  | Happening['subject']
  | `task.${TaskEventType}`
  | `workflow.${WorkflowEventType}`;

export const EVENT_PATTERNS: ReadonlySet<string> = new Set<string>([
  '*',
  'task',
  'workflow',
  ...TRANSITIONS.map(({ event }) => `task.${event}` as const),
  ...WORKFLOW_EVENT_TYPES.map((type) => `workflow.${type}` as const),
] satisfies EventPattern[]);

/** What events of one kind are in the order of. */
export function subjectIdOf(event: Happening): string {
  return event.subject === 'task' ? event.taskId : event.workflowId;
}

/** The same value, which nobody can change any more. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
