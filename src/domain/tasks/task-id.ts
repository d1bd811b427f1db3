/** A UUID of version 7: its first 48 bits are a time. */
const TIMED = /^([0-9a-f]{8})-([0-9a-f]{4})-7/i;

/** When a task got its id, ms since the epoch; `null`: the id does not tell. */
export function createTimeOf(taskId: string): number | null {
  const [, high, low] = TIMED.exec(taskId) ?? [];
  return high === undefined ? null : Number.parseInt(`${high}${low}`, 16);
}
