import type { TaskFilter, TaskSource, TaskState, Tier } from '@reeve/sdk';
import type { Option } from './command.js';
import { usageError } from './failure.js';
import type { Given } from './given.js';
import { SOURCES, TIERS } from './states.js';
import { timeIn } from './time-in.js';

/** How filters combine, for people. */
export const FILTER_RULE =
  'Conditions of different kinds must all hold; of one that is repeated, one must (of labels, all).';

const TIME = 'a time, or a span such as 15m, 2h, 7d: that long ago';

/** The options that choose tasks; `states` are those that can be chosen. */
export function filterOptions(states: readonly TaskState[]): readonly Option[] {
  return [
    { name: 'state', value: 'STATE', doc: 'only those in this state', many: true, choices: states },
    { name: 'kind', value: 'KIND', doc: 'only those of this kind', many: true },
    { name: 'label', value: 'KEY=VALUE', doc: 'only those with this label', many: true },
    { name: 'tier', value: 'TIER', doc: 'only those of this tier', many: true, choices: TIERS },
    { name: 'source', value: 'SOURCE', doc: 'only those from this source', many: true, choices: SOURCES },
    {
      name: 'agent',
      value: 'AGENT',
      doc: 'only those this agent has, or had last',
      many: true,
      complete: 'agent',
    },
    { name: 'submitter', value: 'SUBJECT', doc: 'only those submitted on behalf of this one', many: true },
    { name: 'parent', value: 'TASK', doc: 'only parts of this task', complete: 'task' },
    { name: 'workflow', value: 'WORKFLOW', doc: 'only parts of this workflow', complete: 'workflow' },
    { name: 'since', value: 'TIME', doc: `only those submitted since (${TIME})` },
    { name: 'until', value: 'TIME', doc: 'only those submitted before' },
    { name: 'finished-since', value: 'TIME', doc: 'only those that ended since' },
    { name: 'finished-until', value: 'TIME', doc: 'only those that ended before' },
  ];
}

/**
 * What was given of them; empty if nothing was. Refuses an empty value, as an unset variable
 * of a shell gives one: a server takes it for no condition.
 */
export function filterFrom(given: Given): TaskFilter {
  for (const name of ['kind', 'agent', 'submitter']) {
    if (given.list(name).includes('')) throw usageError(`--${name} is empty`);
  }
  const parentTaskId = given.text('parent');
  if (parentTaskId === '') throw usageError('--parent is empty');
  const workflowId = given.text('workflow');
  if (workflowId === '') throw usageError('--workflow is empty');
  const filter: { [Name in keyof TaskFilter]: TaskFilter[Name] | undefined } = {
    states: listed<TaskState>(given, 'state'),
    kinds: listed(given, 'kind'),
    labels: someOf(given.pairs('label')),
    tiers: listed<Tier>(given, 'tier'),
    sources: listed<TaskSource>(given, 'source'),
    agentIds: listed(given, 'agent'),
    submitterSubjectIds: listed(given, 'submitter'),
    parentTaskId,
    workflowId,
    createdFrom: timeIn(given, 'since', -1),
    createdBefore: timeIn(given, 'until', -1),
    finishedFrom: timeIn(given, 'finished-since', -1),
    finishedBefore: timeIn(given, 'finished-until', -1),
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

function listed<T extends string = string>(given: Given, name: string): readonly T[] | undefined {
  const values = given.list(name) as readonly T[];
  return values.length > 0 ? values : undefined;
}

function someOf(labels: Record<string, string>): Record<string, string> | undefined {
  return Object.keys(labels).length > 0 ? labels : undefined;
}
