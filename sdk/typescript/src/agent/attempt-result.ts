import { create } from '@bufbuild/protobuf';
import type { Payload } from '../gen/reeve/v1/payload_pb.js';
import { Outcome, type TaskResult, TaskResultSchema } from '../gen/reeve/v1/task_pb.js';
import { encodePayload, payloadBytes } from '../payload.js';
import { plainText } from '../text.js';
import type { Attempt } from './attempt.js';
import { TaskError } from './task-error.js';

const MAX_KIND = 200;
const MAX_MESSAGE = 8_000;

/** What a handler that returned leaves. Throws {@link TaskError} if the output cannot be carried. */
export function succeeded(output: unknown, maxPayloadBytes: number): TaskResult {
  const payload = encodeOutput(output);
  const bytes = payloadBytes(payload);
  if (bytes > maxPayloadBytes) {
    throw new TaskError(
      'PAYLOAD_TOO_LARGE',
      `the output is ${bytes} bytes; the coordinator takes at most ${maxPayloadBytes} (max-payload-bytes)`,
      { retryable: false },
    );
  }
  const result: TaskResult = {
    $typeName: 'reeve.v1.TaskResult',
    outcome: Outcome.SUCCEEDED,
    summary: '',
    epoch: 0n,
  };
  if (payload) result.output = payload;
  return result;
}

/** What a handler that threw leaves. `retryable` false: whatever it threw, it is not tried again. */
export function failed(
  attempt: Attempt,
  thrown: unknown,
  retryable: boolean,
  maxPayloadBytes: number,
): TaskResult {
  const { kind, message, ...error } = describe(thrown);
  if (attempt.stop === 'AGENT_STOPPED' && !(thrown instanceof TaskError)) {
    return result(Outcome.FAILED, {
      kind: attempt.stop,
      message: 'the agent stopped before the handler had ended',
      retryable,
    });
  }
  if (attempt.stop !== undefined && attempt.stop !== 'AGENT_STOPPED') {
    return result(Outcome.CANCELLED, { kind: attempt.stop, message, retryable });
  }
  return result(Outcome.FAILED, {
    kind,
    message,
    retryable: retryable && error.retryable,
    detail: encodeDetail(error.detail, maxPayloadBytes),
  });
}

interface ErrorParts {
  readonly kind: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly detail?: Payload | undefined;
}

function result(outcome: Outcome, { kind, message, retryable, detail }: ErrorParts): TaskResult {
  return create(TaskResultSchema, {
    outcome,
    error: {
      kind: plainText(kind, MAX_KIND),
      message: plainText(message, MAX_MESSAGE),
      retryable,
      ...(detail && { detail }),
    },
  });
}

function describe(thrown: unknown) {
  if (thrown instanceof TaskError) {
    const { kind, message, retryable, detail } = thrown;
    return { kind, message, retryable, detail };
  }
  if (thrown instanceof Error) return { kind: thrown.name, message: thrown.message, retryable: true };
  return { kind: 'Error', message: String(thrown), retryable: true };
}

function encodeOutput(output: unknown): Payload | undefined {
  try {
    return encodePayload(output);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new TaskError('INVALID_OUTPUT', `the output cannot be written as JSON: ${message}`, {
      retryable: false,
    });
  }
}

/** Detail is for convenience: one that cannot be carried is left out, the error is not. */
function encodeDetail(detail: unknown, maxPayloadBytes: number): Payload | undefined {
  try {
    const payload = encodePayload(detail);
    return payloadBytes(payload) > maxPayloadBytes ? undefined : payload;
  } catch {
    return undefined;
  }
}
