import type { Payload } from '../gen/reeve/v1/payload_pb.js';
import { encodePayload, payloadBytes } from '../payload.js';
import { TaskError } from './task-error.js';

/** Bytes of one, as it is written. */
const MAX_CHECKPOINT_BYTES = 65_536;

/** `undefined`: none. Throws {@link TaskError}, not retryable, if it cannot be carried. */
export function encodeCheckpoint(value: unknown): Payload | undefined {
  const payload = encode(value);
  const bytes = payloadBytes(payload);
  if (bytes <= MAX_CHECKPOINT_BYTES) return payload;
  const message = `the checkpoint is ${bytes} bytes; at most ${MAX_CHECKPOINT_BYTES} are kept`;
  throw new TaskError('PAYLOAD_TOO_LARGE', message, { retryable: false });
}

function encode(value: unknown): Payload | undefined {
  try {
    return encodePayload(value);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new TaskError('INVALID_CHECKPOINT', `the checkpoint cannot be written as JSON: ${message}`, {
      retryable: false,
    });
  }
}
