import { jsonLog, type Logger } from '../agent/log.js';
import { isClientClosed } from '../transport/errors.js';
import type { GrpcClient } from '../transport/grpc-client.js';

export interface OnOptions {
  /**
   * Told of what a handler threw or rejected with, after which the subscription goes on, and of what ended the
   * subscription. Default: a line in `log`.
   */
  readonly error?: (error: unknown) => void;
  /** Called once when nothing more comes: what was followed has ended, or cannot be followed. */
  readonly end?: () => void;
  /** Default: lines of JSON on stderr. */
  readonly log?: Logger;
}

/** Ends a subscription: its handler is not called any more. May be called again. */
export type Unsubscribe = () => void;

/** Calls `handler` with what a watch yields, one after the other; see `Client.on`. */
export function subscribe<T>(
  grpc: Pick<GrpcClient, 'toError'>,
  watch: (signal: AbortSignal) => AsyncIterable<T>,
  handler: (update: T) => unknown,
  { error, end, log = jsonLog }: OnOptions = {},
): Unsubscribe {
  const stop = new AbortController();
  const report = (message: string, cause: unknown) => {
    try {
      if (error) error(cause);
      else log.error(message, { error: cause });
    } catch (thrown) {
      log.error('the error callback of a subscription failed', { error: thrown });
    }
  };

  async function follow(): Promise<void> {
    for await (const update of watch(stop.signal)) {
      if (stop.signal.aborted) return;
      try {
        await handler(update);
      } catch (cause) {
        report('the handler of a subscription failed', cause);
      }
      if (stop.signal.aborted) return;
    }
  }

  follow()
    .catch((cause: unknown) => {
      const failure = grpc.toError(cause);
      if (!stop.signal.aborted && !isClientClosed(failure)) report('a subscription has ended', failure);
    })
    .then(() => {
      if (!stop.signal.aborted) end?.();
    })
    .catch((cause: unknown) => report('the end callback of a subscription failed', cause));
  return () => stop.abort();
}
