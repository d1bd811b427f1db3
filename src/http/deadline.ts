/** A timer of Node's holds 31 bits: longer ones fire at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

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
  const [, amount, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(headers.get('grpc-timeout') ?? '') ?? [];
  const unitMs = UNIT_MS[unit];
  return unitMs === undefined ? undefined : Number(amount) * unitMs;
}
