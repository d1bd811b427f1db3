import type { TaskQuery, TaskState } from '@reeve/sdk';
import type { Option } from './command.js';
import { usageError } from './failure.js';
import type { Given } from './given.js';

/** How filters combine, for people. */
export const FILTER_RULE =
  'Conditions of different kinds must all hold; of one that is repeated, one must (of labels, all).';

/** The options that choose tasks; `states` are those that can be chosen. */
export function filterOptions(states: readonly TaskState[]): readonly Option[] {
  return [
    { name: 'state', value: 'STATE', doc: 'only those in this state', many: true, choices: states },
    { name: 'kind', value: 'KIND', doc: 'only those of this kind', many: true },
    { name: 'label', value: 'KEY=VALUE', doc: 'only those with this label', many: true },
    { name: 'parent', value: 'TASK', doc: 'only parts of this task', complete: 'task' },
  ];
}

/**
 * What was given of them; empty if nothing was. Refuses an empty value, as an unset variable
 * of a shell gives one: a server takes it for no condition.
 */
export function filterFrom(given: Given): TaskQuery {
  const states = given.list('state') as readonly TaskState[];
  const kinds = given.list('kind');
  const labels = given.pairs('label');
  const parentTaskId = given.text('parent');
  if (kinds.includes('')) throw usageError('--kind is empty');
  if (parentTaskId === '') throw usageError('--parent is empty');
  return {
    ...(states.length > 0 && { states }),
    ...(kinds.length > 0 && { kinds }),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(parentTaskId !== undefined && { parentTaskId }),
  };
}
