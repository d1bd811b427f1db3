import type { DescMessage, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { isFinal, type ReeveError } from '../transport/errors.js';
import type { GrpcClient, Rpc } from '../transport/grpc-client.js';
import { STREAM_BACKOFF, sleep, waitBefore } from '../transport/retry.js';

const FIRST_CONTACT_TRIES = 5;
/** Every stream has a sign of life every ten seconds. */
const SILENCE_MS = 35_000;

export interface Reopening<I extends DescMessage> {
  /** What to open the stream with, asked each time; `null`: there is nothing more to ask for. */
  readonly request: () => MessageInitShape<I> | null;
  /** Whether to open the stream anew after an error that would end it for good. */
  readonly recovers?: (error: ReeveError) => boolean;
  readonly signal: AbortSignal;
  /** How long nothing may come, in ms, until whoever has it may be frozen. Default 35,000. */
  readonly silenceMs?: number;
}

/**
 * The messages of a stream that is opened anew whenever it ends, breaks or falls silent. Throws the error of
 * one that would break the same way again, and the signal's reason.
 */
export async function* reopening<I extends DescMessage, O extends DescMessage>(
  grpc: GrpcClient,
  rpc: Rpc<I, O>,
  { request, recovers = () => false, signal, silenceMs = SILENCE_MS }: Reopening<I>,
): AsyncGenerator<MessageShape<O>, void, undefined> {
  let next = request();
  for (let failures = 0; next !== null; failures++) {
    signal.throwIfAborted();
    const call = grpc.serverStream(rpc, next);
    const cancel = () => call.cancel();
    call.on('error', () => {});
    signal.addEventListener('abort', cancel, { once: true });
    let wait = waitBefore(failures, STREAM_BACKOFF);
    let silence = setTimeout(cancel, silenceMs);
    try {
      for await (const response of call) {
        clearTimeout(silence);
        grpc.markReached();
        failures = 0;
        yield response as MessageShape<O>;
        // While the caller was busy nothing was read.
        silence = setTimeout(cancel, silenceMs);
      }
    } catch (cause) {
      signal.throwIfAborted();
      const error = grpc.toError(cause);
      const isLost = !grpc.reached && failures + 1 >= FIRST_CONTACT_TRIES;
      if (!recovers(error) && (isFinal(error) || isLost)) throw error;
      wait = waitBefore(failures, STREAM_BACKOFF, error);
    } finally {
      clearTimeout(silence);
      signal.removeEventListener('abort', cancel);
      cancel();
    }
    next = request();
    if (next !== null) await sleep(wait, signal);
  }
}

/**
 * Runs what reads streams under a signal of its own, which ends also when the caller breaks
 * out of the iteration while one is being read.
 *
 * @param outer the caller's; its reason is what the iteration throws
 */
export async function* linked<T>(
  outer: AbortSignal | undefined,
  run: (signal: AbortSignal) => AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  const stop = new AbortController();
  const onAbort = () => stop.abort(outer?.reason);
  outer?.throwIfAborted();
  outer?.addEventListener('abort', onAbort, { once: true });
  try {
    yield* run(stop.signal);
  } finally {
    outer?.removeEventListener('abort', onAbort);
    stop.abort();
  }
}
