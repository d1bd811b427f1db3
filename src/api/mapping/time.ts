import type { Duration, Timestamp } from '@bufbuild/protobuf/wkt';

/** @param ms since the epoch */
export function timestampOf(ms: number): Timestamp {
  const { seconds, nanos } = parts(ms);
  return { $typeName: 'google.protobuf.Timestamp', seconds, nanos };
}

export function optionalTimestampOf(ms: number | null): Timestamp | undefined {
  return ms === null ? undefined : timestampOf(ms);
}

export function durationOf(ms: number): Duration {
  const { seconds, nanos } = parts(Math.max(0, ms));
  return { $typeName: 'google.protobuf.Duration', seconds, nanos };
}

/** Of a span that may be less than 0, and has the sign in both parts then. */
export function signedDurationOf(ms: number): Duration {
  const { seconds, nanos } = durationOf(Math.abs(ms));
  return {
    $typeName: 'google.protobuf.Duration',
    ...(ms < 0 ? { seconds: -seconds, nanos: -nanos } : { seconds, nanos }),
  };
}

/** In ms since the epoch, rounded up: nothing happens before its time. Unset: `null`. */
export function timeOf(timestamp: Timestamp | undefined): number | null {
  return timestamp ? Number(timestamp.seconds) * 1_000 + Math.ceil(timestamp.nanos / 1e6) : null;
}

/** In ms, rounded up: a span asked for is never cut short. Unset: `null`. */
export function msOf(duration: Duration | undefined): number | null {
  return duration ? Number(duration.seconds) * 1_000 + Math.ceil(duration.nanos / 1e6) : null;
}

function parts(ms: number): { seconds: bigint; nanos: number } {
  const whole = Math.round(ms);
  const seconds = Math.floor(whole / 1_000);
  return { seconds: BigInt(seconds), nanos: (whole - seconds * 1_000) * 1e6 };
}
