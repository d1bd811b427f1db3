import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { Tier } from '../gen/reeve/v1/task_spec_pb.js';
import { TaskUpdateSchema, type UpdateTaskRequestSchema } from '../gen/reeve/v1/task_steering_pb.js';
import type { TaskChanges } from './client.js';
import { requirementsMessage } from './task-request.js';

export function updateMessage(
  taskId: string,
  { etag = '', ...changes }: TaskChanges,
): MessageInitShape<typeof UpdateTaskRequestSchema> {
  const { tier, labels, requirements, runAt, deadline } = changes;
  const paths = [
    ['tier', tier],
    ['labels', labels],
    ['requirements', requirements],
    ['run_at', runAt],
    ['deadline', deadline],
  ] as const;
  return {
    taskId,
    etag,
    updateMask: { paths: paths.filter(([, value]) => value !== undefined).map(([path]) => path) },
    task: create(TaskUpdateSchema, {
      ...(tier && { tier: Tier[tier] }),
      ...(labels && { labels: { ...labels } }),
      ...(requirements && { requirements: requirementsMessage(requirements) }),
      ...(runAt != null && { runAt: timestampFromMs(Number(runAt)) }),
      ...(deadline != null && { deadline: timestampFromMs(Number(deadline)) }),
    }),
  };
}
