import * as proto from './protocol.js';

/** Where a task is in its life; from SUCCEEDED on it has ended. */
export type TaskState =
  | 'AWAITING_APPROVAL'
  | 'BLOCKED'
  | 'SCHEDULED'
  | 'QUEUED'
  | 'ASSIGNED'
  | 'RUNNING'
  | 'PREEMPTING'
  | 'INPUT_REQUIRED'
  | 'CANCELLING'
  | 'SUCCEEDED'
  | 'FAILED'
  | 'DEAD_LETTER'
  | 'CANCELLED'
  | 'TIMED_OUT'
  | 'SKIPPED'
  | 'REJECTED';

/** How urgent a task is, most urgent first. */
export type Tier = 'CRITICAL' | 'URGENT' | 'HIGH' | 'NORMAL' | 'LOW';

/** Who asks for a task. Those of a HUMAN go ahead of all others. */
export type TaskSource = 'HUMAN' | 'AUTOMATED' | 'AGENT';

/** What part an agent plays in the fleet. */
export type AgentType = 'WORKER' | 'PROVIDER' | 'CONSUMER' | 'GENERAL';

/** Whether an agent can get work. */
export type AgentStatus = 'ACTIVE' | 'INACTIVE' | 'BUSY' | 'STALE' | 'DRAINING';

/** What an operation does. */
export type OperationVerb = 'CLEAR_QUEUE' | 'CANCEL_TASKS' | 'RETRY_TASKS';

/** How far an operation is. */
export type OperationState = 'COUNTING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

/** What is said of a task that waits for a person's word. */
export type ApprovalVerdict = 'APPROVE' | 'REJECT';

/** What a policy decides. */
export type PolicyKind = 'APPROVAL' | 'PRIORITY' | 'AUCTION_INPUT' | 'PLAN_RETRIEVE';

/** What becomes of a task whose policy could not be asked. */
export type OnPolicyError = 'REJECT' | 'ACCEPT' | 'DEFAULT';

/** What happened to a task. */
export type TaskEventType = Exclude<keyof typeof proto.TaskEventType, 'UNSPECIFIED'>;

/** States in which a task has ended; it leaves them only by `retry`, if at all. */
export const ENDED_STATES: readonly TaskState[] = [
  'SUCCEEDED',
  'FAILED',
  'DEAD_LETTER',
  'CANCELLED',
  'TIMED_OUT',
  'SKIPPED',
  'REJECTED',
];

/** Whether a task in this state has ended. */
export function hasEnded(state: TaskState): boolean {
  return ENDED_STATES.includes(state);
}

export const taskStateName = (value: proto.TaskState) => nameOf<TaskState>(proto.TaskState, value);
export const eventTypeName = (value: proto.TaskEventType) =>
  nameOf<TaskEventType>(proto.TaskEventType, value);
export const agentStatusName = (value: proto.AgentStatus) => nameOf<AgentStatus>(proto.AgentStatus, value);
export const tierName = (value: proto.Tier | undefined) =>
  nameOf<Tier>(proto.Tier, value || proto.Tier.NORMAL);
export const sourceName = (value: proto.TaskSource | undefined) =>
  nameOf<TaskSource>(proto.TaskSource, value || proto.TaskSource.AUTOMATED);
export const operationVerbName = (value: proto.OperationVerb) =>
  nameOf<OperationVerb>(proto.OperationVerb, value);
export const operationStateName = (value: proto.OperationState) =>
  nameOf<OperationState>(proto.OperationState, value);
export const verdictName = (value: proto.ApprovalVerdict) =>
  nameOf<ApprovalVerdict>(proto.ApprovalVerdict, value);
export const policyKindName = (value: proto.PolicyKind) => nameOf<PolicyKind>(proto.PolicyKind, value);
export const onPolicyErrorName = (value: proto.OnPolicyError) =>
  nameOf<OnPolicyError>(proto.OnPolicyError, value || proto.OnPolicyError.DEFAULT);
export const agentTypeName = (value: proto.AgentType | undefined) =>
  nameOf<AgentType>(proto.AgentType, value || proto.AgentType.GENERAL);

/** A name of a later version comes as its number, so that it is at least seen. */
function nameOf<N extends string>(names: Readonly<Record<number, string>>, value: number): N {
  return (names[value] ?? String(value)) as N;
}
