import { create, fromBinary, type MessageInitShape } from '@bufbuild/protobuf';
import {
  DependencySchema,
  Outcome,
  type PayloadView,
  type TaskCheckpointSchema,
  type TaskResultSchema,
  type TaskSchema,
  TaskSource,
  type TaskSpec,
  TaskSpecSchema,
  TaskState,
  Tier,
} from '@reeve/sdk/protocol';
import type { Checkpoint } from '../../domain/tasks/checkpoint.js';
import type { Task } from '../../domain/tasks/task.js';
import { toProtoPayload } from './payload.js';
import { toProtoRequirements } from './requirements.js';
import { toProtoRetry } from './retry.js';
import { durationOf, optionalTimestampOf, timestampOf } from './time.js';
import { toProtoPlaceInWorkflow } from './workflow-place.js';

/** The newest progress of a task's current attempt. */
export interface Progress {
  readonly fraction: number;
  readonly text: string;
  /** ms since the epoch. */
  readonly updateTime: number;
}

export type ProgressOf = (org: string, taskId: string) => Progress | null;

export interface TaskMapping {
  readonly payloads: PayloadView;
  readonly progressOf: ProgressOf;
}

/** A task as answers hold it; with its payloads if it was read with them. */
export function toProtoTask(
  task: Task,
  { payloads, progressOf }: TaskMapping,
  checkpoint?: MessageInitShape<typeof TaskCheckpointSchema>,
): MessageInitShape<typeof TaskSchema> {
  const progress = progressOf(task.org, task.taskId);
  return {
    taskId: task.taskId,
    state: TaskState[task.state],
    spec: toProtoSpec(task.spec, payloads),
    agentId: task.agentId ?? '',
    epoch: BigInt(task.epoch),
    attempt: task.attempt,
    series: task.series,
    org: task.org,
    etag: String(task.seq),
    createTime: timestampOf(task.createTime),
    runnableTime: optionalTimestampOf(task.runnableTime),
    startTime: optionalTimestampOf(task.startTime),
    finishTime: optionalTimestampOf(task.finishTime),
    runTime: optionalTimestampOf(task.runTime),
    result: task.result ? toProtoResult(task.result, payloads) : undefined,
    reason: task.reason,
    pendingDependencies: task.pending,
    workflow: task.workflow ? toProtoPlaceInWorkflow(task.workflow) : undefined,
    preemptions: task.preemptions,
    checkpoint,
    progress: progress ? { ...progress, updateTime: timestampOf(progress.updateTime) } : undefined,
  };
}

/** @param withContent whether what was left is told, or only of it */
export function toProtoCheckpoint(
  { payload, updateTime, epoch }: Checkpoint,
  payloads: PayloadView,
  withContent: boolean,
): MessageInitShape<typeof TaskCheckpointSchema> {
  return {
    sizeBytes: payload.data.length,
    updateTime: timestampOf(updateTime),
    epoch: BigInt(epoch),
    ...(withContent && { content: toProtoPayload(payload, payloads) }),
  };
}

/** Bytes that the payloads of a task take in an answer, roughly. */
export function payloadBytesOf({ spec, result }: Task): number {
  const output = result?.output?.data.length ?? 0;
  const error = (result?.error?.detail?.data.length ?? 0) + (result?.error?.message.length ?? 0);
  return 1_024 + spec.body.length + output + error;
}

function toProtoSpec(spec: Task['spec'], payloads: PayloadView): TaskSpec {
  const stored = spec.body.length > 0 ? fromBinary(TaskSpecSchema, spec.body) : create(TaskSpecSchema);
  const { input } = stored;
  const { runAt: _runAt, deadline: _deadline, ...unchanged } = stored;
  return {
    ...unchanged,
    kind: spec.kind,
    ...(input?.content.case === 'data'
      ? { input: toProtoPayload({ mediaType: input.mediaType, data: input.content.value }, payloads) }
      : {}),
    requirements: toProtoRequirements(spec.requirements),
    tier: Tier[spec.tier],
    source: TaskSource[spec.source],
    labels: { ...spec.labels },
    goal: spec.goal,
    intent: spec.intent,
    submitterSubjectId: spec.submitterSubjectId,
    jobSpaceId: spec.jobSpaceId,
    parentTaskId: spec.parentTaskId ?? '',
    retry: toProtoRetry(spec.retry),
    ...(spec.attemptTimeoutMs === null ? {} : { attemptTimeout: durationOf(spec.attemptTimeoutMs) }),
    ...(spec.runAt === null ? {} : { runAt: timestampOf(spec.runAt) }),
    ...(spec.deadline === null ? {} : { deadline: timestampOf(spec.deadline) }),
    dependencies: spec.dependencies.map((dependency) => create(DependencySchema, dependency)),
  };
}

function toProtoResult(
  { outcome, output, summary, error, epoch, createTime }: NonNullable<Task['result']>,
  payloads: PayloadView,
): MessageInitShape<typeof TaskResultSchema> {
  return {
    outcome: Outcome[outcome],
    ...(output ? { output: toProtoPayload(output, payloads) } : {}),
    summary,
    ...(error
      ? {
          error: {
            kind: error.kind,
            message: error.message,
            retryable: error.retryable,
            ...(error.detail ? { detail: toProtoPayload(error.detail, payloads) } : {}),
          },
        }
      : {}),
    epoch: BigInt(epoch),
    createTime: timestampOf(createTime),
  };
}
