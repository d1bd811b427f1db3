import { grpcTimeoutMs, LONGEST_TIMEOUT_MS } from '../api/grpc-timeout.js';

/**
 * Sets the time that a call is given, in the headers in which connect looks for it: what was
 * asked for if that makes sense, else `otherwiseMs`; `undefined` for no limit.
 */
export function setDeadline(headers: Headers, otherwiseMs: number | undefined): void {
  const asked = askedMs(headers);
  const sound = asked !== undefined && asked > 0 && asked <= LONGEST_TIMEOUT_MS;
  const ms = sound ? Math.max(1, Math.round(asked)) : otherwiseMs;
  headers.delete('connect-timeout-ms');
  headers.delete('grpc-timeout');
  if (ms === undefined) return;
  headers.set('connect-timeout-ms', String(ms));
  headers.set('grpc-timeout', ms < 1e8 ? `${ms}m` : `${Math.round(ms / 1_000)}S`);
}

function askedMs(headers: Headers): number | undefined {
  const connect = headers.get('connect-timeout-ms');
  if (connect !== null) return /^\d{1,10}$/.test(connect) ? Number(connect) : undefined;
  return grpcTimeoutMs(headers.get('grpc-timeout') ?? '');
}
