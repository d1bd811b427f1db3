import type { Argument, Option } from '../command.js';
import { usageError } from '../failure.js';
import type { Invocation } from '../invocation.js';
import { filterFrom, filterOptions } from '../task-filter.js';
import { actOnFiltered } from './act-on-filtered.js';
import { actOnNamed } from './act-on-named.js';
import type { TaskVerb } from './task-verb.js';

/** How a command for many tasks is used, for people. */
export const BULK_RULE =
  'Tasks are named by id, or chosen by a filter. A filter shows what it has chosen, then asks, and without a terminal wants --yes; then the coordinator does it as an operation, which goes on if this command is ended. What was submitted after the preview is left alone, and what is in another state when its turn comes is skipped. Conditions of different kinds must all hold; of one that is repeated, one must (of labels, all).';

export const BULK_ARGUMENT: Argument = {
  name: 'ID',
  doc: 'task, or - for ids from standard input',
  many: true,
  optional: true,
  complete: 'task',
};

/** Options of a command for many tasks; `all` says which these are. */
export function bulkOptions(states: TaskVerb['states'], all: string): readonly Option[] {
  return [
    ...filterOptions(states),
    { name: 'all', doc: `${all}, instead of a filter` },
    { name: 'dry-run', doc: 'only show what a filter chooses' },
    { name: 'yes', short: 'y', doc: 'do it without asking' },
  ];
}

/** Does something to the tasks that the command line names or chooses. */
export async function actOnTasks(invocation: Invocation, verb: TaskVerb): Promise<number> {
  const { given } = invocation;
  const filter = filterFrom(given);
  const isFiltered = Object.keys(filter).length > 0;
  const isAll = given.switched('all') ?? false;
  if (given.args.length > 0) {
    if (isFiltered || isAll) throw usageError('ids and a filter exclude each other');
    if (given.switched('dry-run')) throw usageError('--dry-run goes with a filter, not with ids');
    return actOnNamed(invocation, verb);
  }
  if (isFiltered && isAll) throw usageError('--all and a filter exclude each other');
  if (!isFiltered && !isAll) {
    throw usageError(
      'which tasks? Neither an id nor a filter was given',
      `Name them, choose them with --state, --kind, --label or --parent, or say --all. See: ${invocation.asked.command} --help`,
    );
  }
  return actOnFiltered(invocation, verb, filter);
}
