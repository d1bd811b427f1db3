import { randomUUID } from 'node:crypto';
import { CoordinatorService } from '../gen/reeve/v1/coordinator_service_pb.js';
import type {
  BatchSubmitTasksRequest,
  SubmitTaskRequest,
  SubmittedTask,
} from '../gen/reeve/v1/task_submission_pb.js';
import { payloadBytes } from '../payload.js';
import { fromItemError, ReeveError } from '../transport/errors.js';
import type { GrpcClient } from '../transport/grpc-client.js';
import { CALL_BACKOFF, sleep, waitBefore } from '../transport/retry.js';
import { type TaskRequest, taskSpec } from './task-request.js';

const MAX_ITEMS = 1_000;
const MAX_INPUT_BYTES = 1_048_576;

interface Submission {
  readonly request: SubmitTaskRequest;
  readonly bytes: number;
  readonly resolve: (task: SubmittedTask) => void;
  readonly reject: (error: ReeveError) => void;
}

/**
 * Gathers the submissions of one tick into calls of at most 1,000 tasks and about 1 MiB of
 * inputs: one round trip and one commit for all of them. Every submission has a request id,
 * so whatever was left UNAVAILABLE is sent again until the deadline.
 */
export class SubmitQueue {
  readonly #grpc: GrpcClient;
  readonly #timeoutMs: number;
  #waiting: Submission[] = [];

  constructor(grpc: GrpcClient, timeoutMs: number) {
    this.#grpc = grpc;
    this.#timeoutMs = timeoutMs;
  }

  /** Resolves once the task is in the record. Rejects with {@link ReeveError}. */
  submit(task: TaskRequest): Promise<SubmittedTask> {
    return new Promise((resolve, reject) => {
      const spec = taskSpec(task);
      const requestId = task.requestId || randomUUID();
      const request: SubmitTaskRequest = {
        $typeName: 'reeve.v1.SubmitTaskRequest',
        task: spec,
        requestId,
        requireCandidate: task.requireCandidate ?? false,
      };
      if (this.#waiting.length === 0) setImmediate(() => this.#flush());
      this.#waiting.push({ request, bytes: payloadBytes(spec.input), resolve, reject });
    });
  }

  #flush(): void {
    let batch: Submission[] = [];
    let bytes = 0;
    for (const submission of this.#waiting) {
      if (batch.length === MAX_ITEMS || (batch.length > 0 && bytes + submission.bytes > MAX_INPUT_BYTES)) {
        void this.#send(batch);
        batch = [];
        bytes = 0;
      }
      batch.push(submission);
      bytes += submission.bytes;
    }
    this.#waiting = [];
    void this.#send(batch);
  }

  async #send(batch: readonly Submission[]): Promise<void> {
    const deadline = Date.now() + this.#timeoutMs;
    let open = batch;
    for (let failures = 0; ; failures++) {
      const { unavailable, error } = await this.#sendOnce(open, deadline);
      if (!error) return;
      const again = Date.now() + waitBefore(failures, CALL_BACKOFF, error);
      if (again >= deadline) {
        for (const { reject } of unavailable) reject(error);
        return;
      }
      open = unavailable;
      await sleep(again - Date.now());
    }
  }

  /** Settles what is decided; answers with the items that the server could not take just now, and why. */
  async #sendOnce(batch: readonly Submission[], deadline: number) {
    const unavailable: Submission[] = [];
    let error: ReeveError | undefined;
    try {
      const request: BatchSubmitTasksRequest = {
        $typeName: 'reeve.v1.BatchSubmitTasksRequest',
        requests: batch.map((submission) => submission.request),
      };
      const call = { deadline, repeatable: true };
      const { outcomes } = await this.#grpc.call(CoordinatorService.method.batchSubmitTasks, request, call);
      for (const [i, submission] of batch.entries()) {
        const outcome = outcomes[i]?.outcome;
        if (outcome?.case === 'submitted') {
          submission.resolve(outcome.value);
          continue;
        }
        const failure = outcome?.value ? fromItemError(outcome.value) : missingOutcome();
        if (failure.retryable) {
          unavailable.push(submission);
          error = failure;
        } else submission.reject(failure);
      }
    } catch (failure) {
      for (const { reject } of batch) reject(this.#grpc.toError(failure));
    }
    return { unavailable, error };
  }
}

function missingOutcome(): ReeveError {
  return new ReeveError('the coordinator answered with fewer outcomes than requests', { code: 'INTERNAL' });
}
