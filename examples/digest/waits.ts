import type { TaskInfo } from '@reeve/sdk';

/** From runnable to claimed, in ms; `undefined` unless it was claimed exactly once. */
export function waitOf({ epoch, runnableTime, startTime }: TaskInfo): number | undefined {
  if (epoch !== 1 || !runnableTime || !startTime) return undefined;
  return startTime.getTime() - runnableTime.getTime();
}
