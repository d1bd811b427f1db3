import { invalidArgument } from '../../domain/errors.js';
import type { TaskSpec } from '../../domain/tasks/task.js';

const DAY_MS = 86_400_000;
/** How far ahead a task can be scheduled, and can have its deadline. */
const MAX_AHEAD_MS = 366 * DAY_MS;
const TOO_FAR = `must be at most ${MAX_AHEAD_MS / DAY_MS} days from now`;

/**
 * @param now ms since the epoch
 * @param path where the spec is in the request
 * @throws INVALID_ARGUMENT for times too far ahead, and for a deadline that leaves no time
 */
export function requireTimes(
  { runAt, deadline }: Pick<TaskSpec, 'runAt' | 'deadline'>,
  now: number,
  path: string,
): void {
  const violation =
    runAt !== null && runAt > now + MAX_AHEAD_MS
      ? { field: `${path}.run_at`, description: TOO_FAR }
      : deadline === null
        ? null
        : deadline > now + MAX_AHEAD_MS
          ? { field: `${path}.deadline`, description: TOO_FAR }
          : deadline <= now
            ? { field: `${path}.deadline`, description: 'has passed' }
            : runAt !== null && deadline <= runAt
              ? { field: `${path}.deadline`, description: 'must be after run_at' }
              : null;
  if (violation) throw invalidArgument([violation]);
}

/**
 * @param changed the field that is to blame
 * @throws INVALID_ARGUMENT if a task could only time out
 */
export function requireOrder(
  { runAt, deadline }: Pick<TaskSpec, 'runAt' | 'deadline'>,
  now: number,
  changed: 'run_at' | 'deadline',
): void {
  if (runAt === null || deadline === null || runAt <= now || runAt < deadline) return;
  const description = changed === 'deadline' ? 'must be after run_at' : 'must be before the deadline';
  throw invalidArgument([{ field: `task.${changed}`, description }]);
}
