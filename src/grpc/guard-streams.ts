import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { grpcTimeoutMs, LONGEST_TIMEOUT_MS } from '../api/grpc-timeout.js';

/** What is asked of a call's headers before grpc-js sees them. */
export interface HeaderRules {
  readonly maxMetadataBytes: number;
  /** The time a unary call gets if it asks for none, or for one that makes no sense, in ms. */
  readonly unaryDeadlineMs: number;
  /** Whether the path is that of a unary method. */
  isUnary(path: string): boolean;
}

export interface StreamGuard {
  /** Resolves as soon as no call is open. */
  whenQuiet(): Promise<void>;
}

type StreamHandler = (
  extra: unknown,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders & { [name: string]: string | string[] | undefined },
) => void;

/**
 * Puts the rules before grpc-js's own handling of a stream. It has no public place for that:
 * interceptors come after it has read the timeout. Must be called before the server gets
 * its first connection.
 *
 * @param server a grpc-js Server without channelz
 */
export function guardStreams(server: object, rules: HeaderRules): StreamGuard {
  const internals = server as { _streamHandler?: StreamHandler };
  const handle = internals._streamHandler;
  if (typeof handle !== 'function') throw new Error('this version of grpc-js handles streams elsewhere');
  let open = 0;
  let quiet = () => {};
  internals._streamHandler = function guarded(extra, stream, headers) {
    open++;
    stream.once('close', () => {
      if (--open === 0) quiet();
    });
    if (bytesOf(headers) > rules.maxMetadataBytes) refuse(stream, rules.maxMetadataBytes);
    else {
      const timeout = timeoutOf(headers, rules);
      if (timeout === undefined) delete headers['grpc-timeout'];
      else headers['grpc-timeout'] = timeout;
      handle.call(server, extra, stream, headers);
    }
  };
  return {
    whenQuiet: () =>
      new Promise((resolve) => {
        quiet = resolve;
        if (open === 0) resolve();
      }),
  };
}

/** As HTTP/2 counts a header list: 32 bytes an entry besides its text. */
function bytesOf(headers: IncomingHttpHeaders): number {
  let bytes = 0;
  for (const name in headers) {
    const value = headers[name];
    if (!Array.isArray(value)) bytes += 32 + name.length + (value ?? '').length;
    else for (const text of value) bytes += 32 + name.length + text.length;
  }
  return bytes;
}

function refuse(stream: ServerHttp2Stream, max: number): void {
  stream.on('error', () => {});
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc+proto',
      'grpc-status': status.RESOURCE_EXHAUSTED,
      'grpc-message': `the metadata has more than ${max} bytes`,
    },
    { endStream: true },
  );
  stream.resume();
}

/** The timeout a call is given: what it asked for if that makes sense, else the server's own. */
function timeoutOf(headers: IncomingHttpHeaders, rules: HeaderRules): string | undefined {
  const asked = headers['grpc-timeout'];
  const ms = grpcTimeoutMs(typeof asked === 'string' ? asked : '') ?? 0;
  if (ms > 0 && ms <= LONGEST_TIMEOUT_MS) return String(asked);
  return rules.isUnary(String(headers[':path'])) ? `${rules.unaryDeadlineMs}m` : undefined;
}
