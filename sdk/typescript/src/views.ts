import { type JsonObject, type JsonValue, toJson } from '@bufbuild/protobuf';
import { type Timestamp, timestampDate, ValueSchema } from '@bufbuild/protobuf/wkt';
import type { ExpansionItem } from './gen/reeve/v1/expansion_pb.js';
import type { TaskBrief } from './gen/reeve/v1/task_brief_pb.js';
import type { TaskEvent } from './gen/reeve/v1/task_event_pb.js';
import type { Task, TaskCheckpoint, TaskError } from './gen/reeve/v1/task_pb.js';
import type { Place, Requirements as RequirementsMessage } from './gen/reeve/v1/task_spec_pb.js';
import type { WorkflowPlace } from './gen/reeve/v1/workflow_place_pb.js';
import {
  type AgentType,
  agentTypeName,
  eventTypeName,
  sourceName,
  type TaskEventType,
  type TaskSource,
  type TaskState,
  type Tier,
  taskStateName,
  tierName,
} from './names.js';
import { decodeLeniently } from './payload.js';

/** Which agents may get a task, besides being active, connected and free. All that is set must hold. */
export interface Requirements {
  /** Default: any. */
  readonly agentType?: AgentType;
  /** The agent has all of these. Default: the task's kind. */
  readonly capabilities?: readonly string[];
  /** The agent offers all of these. */
  readonly services?: readonly string[];
  /** The agent bears all of these. */
  readonly tags?: readonly string[];
  /** Default: any. */
  readonly region?: string;
  /** The least health score, 0 to 1. Default: the server's setting `min-health`, 0.5. */
  readonly minHealth?: number;
  /** Exactly this agent; the task then waits for it. */
  readonly agentId?: string;
  /** Where it would best be done: in this region, then nearest to this point (degrees). It excludes nobody. */
  readonly prefer?: {
    readonly region?: string;
    readonly location?: { readonly latitude: number; readonly longitude: number };
  };
  /** Its subject holds all of these roles, in the task's job space or everywhere. */
  readonly roles?: readonly string[];
}

/** Why an attempt failed. */
export interface TaskErrorInfo {
  /** A word for programs, for example `RateLimited`. */
  readonly kind: string;
  /** A sentence for people. */
  readonly message: string;
  /** Whether another attempt may succeed. */
  readonly retryable: boolean;
  /** More about it, as the handler gave it. */
  readonly detail?: unknown;
}

/** What a task is about, for agents that work by words. What was not given is empty. */
export interface TaskBriefInfo {
  readonly name: string;
  readonly instructions: string;
  /** The message to a model. */
  readonly message: string;
  /** In words that its agents know; so are `files`. */
  readonly tools: readonly string[];
  readonly files: readonly string[];
}

/** What a task of an expansion was made from. */
export interface TaskItemInfo {
  /** From 1, in the order of the items. */
  readonly sequenceNum: number;
  /** Its name in results. */
  readonly identifier: string;
  /** What templates see as `item`. */
  readonly itemData: JsonValue;
  /** The task that was expanded, as `group.task`. */
  readonly baseTaskId: string;
  readonly totalCount: number;
}

/** Which part of a workflow a task is. */
export interface WorkflowPlaceInfo {
  readonly workflowId: string;
  readonly groupId: string;
  readonly taskId: string;
  /** Its number among the items, from 1; 1 without an expansion. */
  readonly sequenceNum: number;
  /** Which time that task of the workflow was begun, from 1: a retry of the workflow begins some anew. */
  readonly run: number;
}

/** A task as the coordinator's record holds it. */
export interface TaskInfo {
  readonly taskId: string;
  readonly org: string;
  readonly state: TaskState;
  readonly kind: string;
  readonly tier: Tier;
  readonly source: TaskSource;
  readonly labels: Readonly<Record<string, string>>;
  /** Empty if none was given; so are `intent`, `parentTaskId`, `agentId`. */
  readonly goal: string;
  readonly intent: string;
  readonly requirements: Requirements;
  readonly parentTaskId: string;
  /** The agent that holds the task or held it last. */
  readonly agentId: string;
  /** How often it was claimed: the fencing number of the current claim. */
  readonly epoch: number;
  /** The current or last attempt of this series, from 1; 0 if none began. */
  readonly attempt: number;
  /** How often its attempts were begun anew by `retry`. */
  readonly series: number;
  /** Changes whenever the task does. */
  readonly etag: string;
  readonly createTime: Date;
  /** When it first was runnable. */
  readonly runnableTime?: Date;
  /** When the current or last attempt was claimed. */
  readonly startTime?: Date;
  readonly finishTime?: Date;
  /** While SCHEDULED: when it becomes runnable. */
  readonly runTime?: Date;
  /** By when it has to have ended. */
  readonly deadline?: Date;
  /** Tasks that it waits for, or waited for. */
  readonly dependsOn: readonly { readonly taskId: string; readonly runAnyway: boolean }[];
  /** How many of them have not ended yet. */
  readonly pendingDependencies: number;
  /** JSON parsed, anything else as bytes. Absent in lists without `full`. */
  readonly input?: unknown;
  /** Like `input`. */
  readonly output?: unknown;
  /** The output in a sentence, for people. */
  readonly summary?: string;
  /** Of the task if it failed, else of an attempt that failed before. */
  readonly error?: TaskErrorInfo;
  /** Why it is in its state, beyond the state itself, for example LEASE_EXPIRED. */
  readonly reason?: string;
  /** The newest report of the current attempt; `fraction` is from 0 to 1. */
  readonly progress?: { readonly fraction: number; readonly text: string };
  readonly brief?: TaskBriefInfo;
  readonly item?: TaskItemInfo;
  /** Unset: of none. */
  readonly workflow?: WorkflowPlaceInfo;
  /** How often it was sent back while it ran, in this series. */
  readonly preemptions: number;
  /** What an attempt left for the next one, as `get` tells it. Unset: none did. */
  readonly checkpoint?: CheckpointInfo;
}

/** What an attempt left for the next one to go on from. */
export interface CheckpointInfo {
  readonly sizeBytes: number;
  readonly updateTime: Date;
  /** Of the claim that left it. */
  readonly epoch: number;
  /** JSON parsed, anything else as bytes. Only where it was asked for. */
  readonly content?: unknown;
}

/** One entry of a task's audit trail. */
export interface TaskEventInfo {
  readonly taskId: string;
  /** Its place in the trail, from 1, without gaps. */
  readonly seq: number;
  readonly type: TaskEventType;
  /** The state after it; so are `epoch`, `attempt`, `series`. */
  readonly state: TaskState;
  readonly eventTime: Date;
  readonly epoch: number;
  readonly attempt: number;
  readonly series: number;
  /** The agent concerned; empty if none. */
  readonly agentId: string;
  /** The subject that caused it; empty for the coordinator itself. */
  readonly actorSubjectId: string;
  /** Empty if there is none. */
  readonly reason: string;
  /** What else there is to know; keys depend on the type. */
  readonly detail: JsonObject;
}

export function taskInfo(task: Task): TaskInfo {
  const { spec, result, progress, checkpoint } = task;
  const input = decodeLeniently(spec?.input);
  const output = decodeLeniently(result?.output);
  return {
    taskId: task.taskId,
    org: task.org,
    state: taskStateName(task.state),
    kind: spec?.kind ?? '',
    tier: tierName(spec?.tier),
    source: sourceName(spec?.source),
    labels: { ...spec?.labels },
    goal: spec?.goal ?? '',
    intent: spec?.intent ?? '',
    requirements: requirements(spec?.requirements),
    parentTaskId: spec?.parentTaskId ?? '',
    agentId: task.agentId,
    epoch: Number(task.epoch),
    attempt: task.attempt,
    series: task.series,
    etag: task.etag,
    createTime: dateOf(task.createTime),
    ...(task.runnableTime && { runnableTime: timestampDate(task.runnableTime) }),
    ...(task.startTime && { startTime: timestampDate(task.startTime) }),
    ...(task.finishTime && { finishTime: timestampDate(task.finishTime) }),
    ...(task.runTime && { runTime: timestampDate(task.runTime) }),
    ...(spec?.deadline && { deadline: timestampDate(spec.deadline) }),
    dependsOn: (spec?.dependencies ?? []).map(({ taskId, runAnyway }) => ({ taskId, runAnyway })),
    pendingDependencies: task.pendingDependencies,
    ...(input !== undefined && { input }),
    ...(output !== undefined && { output }),
    ...(result?.summary && { summary: result.summary }),
    ...(result?.error && { error: errorInfo(result.error) }),
    ...(task.reason && { reason: task.reason }),
    ...(progress && { progress: { fraction: progress.fraction, text: progress.text } }),
    ...(spec?.brief && { brief: briefInfo(spec.brief) }),
    ...(spec?.item && { item: itemInfo(spec.item) }),
    ...(task.workflow && { workflow: workflowPlaceInfo(task.workflow) }),
    preemptions: task.preemptions,
    ...(checkpoint && { checkpoint: checkpointInfo(checkpoint) }),
  };
}

function checkpointInfo({ sizeBytes, updateTime, epoch, content }: TaskCheckpoint): CheckpointInfo {
  const known = { sizeBytes, updateTime: dateOf(updateTime), epoch: Number(epoch) };
  return content ? { ...known, content: decodeLeniently(content) } : known;
}

export function taskEventInfo(event: TaskEvent): TaskEventInfo {
  return {
    taskId: event.taskId,
    seq: Number(event.seq),
    type: eventTypeName(event.type),
    state: taskStateName(event.state),
    eventTime: dateOf(event.eventTime),
    epoch: Number(event.epoch),
    attempt: event.attempt,
    series: event.series,
    agentId: event.agentId,
    actorSubjectId: event.actorSubjectId,
    reason: event.reason,
    detail: event.detail ?? {},
  };
}

export function briefInfo({ name, instructions, message, tools, files }: TaskBrief): TaskBriefInfo {
  return { name, instructions, message, tools: [...tools], files: [...files] };
}

export function itemInfo(item: ExpansionItem): TaskItemInfo {
  const { sequenceNum, identifier, itemData, baseTaskId, totalCount } = item;
  const data = itemData ? toJson(ValueSchema, itemData) : null;
  return { sequenceNum, identifier, itemData: data, baseTaskId, totalCount };
}

export function workflowPlaceInfo(place: WorkflowPlace): WorkflowPlaceInfo {
  const { workflowId, groupId, taskId, sequenceNum, run } = place;
  return { workflowId, groupId, taskId, sequenceNum, run };
}

/** A time that the server always sets. */
export function dateOf(time: Timestamp | undefined): Date {
  return time ? timestampDate(time) : new Date(0);
}

function errorInfo(error: TaskError): TaskErrorInfo {
  const detail = decodeLeniently(error.detail);
  const { kind, message, retryable } = error;
  return { kind, message, retryable, ...(detail !== undefined && { detail }) };
}

export function requirements(message: RequirementsMessage | undefined): Requirements {
  if (!message) return {};
  const { agentType, capabilities, services, tags, region, minHealth, agentId, prefer, roles } = message;
  return {
    ...(agentType && { agentType: agentTypeName(agentType) }),
    ...(capabilities.length > 0 && { capabilities: [...capabilities] }),
    ...(services.length > 0 && { services: [...services] }),
    ...(tags.length > 0 && { tags: [...tags] }),
    ...(region && { region }),
    ...(minHealth !== undefined && { minHealth }),
    ...(agentId && { agentId }),
    ...(roles.length > 0 && { roles: [...roles] }),
    ...(prefer && { prefer: place(prefer) }),
  };
}

function place({ region, location }: Place): NonNullable<Requirements['prefer']> {
  const point = location && { latitude: location.latitude, longitude: location.longitude };
  return { ...(region && { region }), ...(point && { location: point }) };
}
