import { randomUUID } from 'node:crypto';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { CoordinatorService } from '../gen/reeve/v1/coordinator_service_pb.js';
import { TaskState } from '../gen/reeve/v1/task_pb.js';
import type { SubmittedTask } from '../gen/reeve/v1/task_submission_pb.js';
import { ReeveError } from '../transport/errors.js';
import type { GrpcClient } from '../transport/grpc-client.js';
import { type TaskRequest, taskSpec } from './task-request.js';

/** A task that was accepted, and the agent it has got meanwhile, if any. */
export type Submitted = Pick<SubmittedTask, 'taskId' | 'state' | 'alreadySubmitted' | 'notes'> & {
  readonly agentId: string;
};

/** States in which a task that names an agent is not with it any more. */
const WAITING = new Set<TaskState>([TaskState.SCHEDULED, TaskState.QUEUED, TaskState.INPUT_REQUIRED]);

/** Submits one task by itself and waits for its agent. Throws {@link ReeveError}. */
export async function submitAndWait(
  grpc: GrpcClient,
  request: TaskRequest,
  timeoutMs: number,
): Promise<Submitted> {
  const { assignWaitMs = 0, requestId } = request;
  const { task, alreadySubmitted, notes } = await grpc.call(
    CoordinatorService.method.submitTask,
    {
      task: taskSpec(request),
      requestId: requestId || randomUUID(),
      assignWait: durationFromMs(assignWaitMs),
    },
    { deadline: Date.now() + timeoutMs + assignWaitMs, repeatable: true, waitsMs: assignWaitMs },
  );
  if (!task) throw new ReeveError('the coordinator answered without the task', { code: 'INTERNAL' });
  const { taskId, state } = task;
  return { taskId, state, alreadySubmitted, notes, agentId: WAITING.has(state) ? '' : task.agentId };
}
