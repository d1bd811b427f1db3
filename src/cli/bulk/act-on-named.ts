import { EXIT } from '../exit-codes.js';
import { CliError } from '../failure.js';
import type { Invocation } from '../invocation.js';
import { OUTCOME_VIEW } from '../output/outcome-view.js';
import { idsFrom } from '../read-stream.js';
import { actOnAll } from './act-on-all.js';
import type { TaskVerb } from './task-verb.js';

/**
 * Does something to each of the tasks named on the command line and prints what became of
 * each, as a list whatever their number. The exit code is that of the failures if they are
 * all of one sort, else 1.
 */
export async function actOnNamed(invocation: Invocation, { act }: TaskVerb): Promise<number> {
  const { given, world, out } = invocation;
  const ids = await idsFrom(given.args, world.stdin);
  const attempts = await actOnAll(invocation, ids, act);
  const outcomes = attempts.map(({ outcome }) => outcome);
  // A bare id says that it was done, so that it can be piped on.
  const told = out.format === 'name' ? outcomes.filter(({ ok }) => ok) : outcomes;
  await out.many(OUTCOME_VIEW, told, 'No tasks.');
  const failures = attempts.flatMap(({ failure }) => (failure ? [failure] : []));
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
