import type { TaskInfo } from '@reeve/sdk';
import { EXIT } from './exit-codes.js';
import { CliError, explain, type Failure } from './failure.js';
import type { Invocation } from './invocation.js';
import { OUTCOME_VIEW, type Outcome } from './output/outcome-view.js';
import { idsFrom } from './read-stream.js';

const AT_ONCE = 32;

/**
 * Does something to each of the tasks named on the command line and prints what became of
 * each, as a list whatever their number. The exit code is that of the failures if they are
 * all of one sort, else 1.
 */
export async function eachTask(
  invocation: Invocation,
  act: (taskId: string) => Promise<TaskInfo>,
): Promise<number> {
  const ids = await idsFrom(invocation.given.args, invocation.world.stdin);
  const outcomes: Outcome[] = [];
  const failures: Failure[] = [];
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const results = await Promise.all(ids.slice(at, at + AT_ONCE).map((id) => attempt(invocation, id, act)));
    for (const { outcome, failure } of results) {
      outcomes.push(outcome);
      if (failure) failures.push(failure);
    }
  }
  // A bare id says that it was done, so that it can be piped on.
  const { out } = invocation;
  const told = out.format === 'name' ? outcomes.filter(({ ok }) => ok) : outcomes;
  await out.many(OUTCOME_VIEW, told, 'No tasks.');
  const [first] = failures;
  if (!first) return EXIT.ok;
  if (ids.length === 1) throw new CliError(first);
  const isOneSort = failures.every((failure) => failure.exit === first.exit);
  throw new CliError({
    ...first,
    message: `${failures.length} of ${ids.length} failed; the first: ${first.message}`,
    exit: isOneSort ? first.exit : EXIT.failure,
  });
}

async function attempt(
  invocation: Invocation,
  taskId: string,
  act: (taskId: string) => Promise<TaskInfo>,
): Promise<{ outcome: Outcome; failure?: Failure }> {
  try {
    const task = await act(taskId);
    return { outcome: { taskId, ok: true, state: task.state } };
  } catch (error) {
    const failure = explain(error, invocation.address);
    const { code, message, retryable } = failure;
    return { outcome: { taskId, ok: false, error: { code, message, retryable } }, failure };
  }
}
