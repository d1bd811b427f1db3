import type { Selection } from '../selection/selection.js';
import { STRATEGIES } from '../selection/strategies.js';
import { STRATEGY_NAMES } from '../selection/strategy-name.js';
import type { Requirements } from '../tasks/requirements.js';
import type { TaskEvent } from '../tasks/task.js';
import { auctionOf, whyWon } from './auctions.js';
import type { Selected } from './explanation.js';
import { count, figure } from './words.js';

/** Who was given a task last, and how that was chosen; `null`: nobody was yet. */
export function selectedOf(events: readonly TaskEvent[], { route }: Requirements): Selected | null {
  const claimed = events.findLast(({ type }) => type === 'CLAIMED');
  if (!claimed || claimed.agentId === null) return null;
  const { detail, agentId, eventTime, epoch } = claimed;
  const { strategy = '', free = 0, ...rest } = detail as Partial<Selection>;
  // The index knows whom a task is for, not why.
  const isRouted = strategy === 'ADDRESSED' && route?.agentId === agentId && route.epoch === epoch - 1;
  return {
    ...rest,
    agentId,
    strategy: isRouted ? route.by : strategy,
    measure: measureOf(strategy),
    free,
    time: eventTime,
  };
}

/** What had come of a static choice or of a plan before the last claim, if somebody else has got it since; else nothing. */
export function returnedBefore(events: readonly TaskEvent[]): readonly string[] {
  const claimed = events.findLast(({ type }) => type === 'CLAIMED');
  const routed = events.findLast(({ type, epoch }) => type === 'ROUTED' && epoch + 1 === claimed?.epoch);
  if (!routed || /^(PLANNED|AWARDED)/.test(routed.reason)) return [];
  return [`It had returned to selection: ${routed.reason}.`];
}

function measureOf(strategy: string): string {
  const name = STRATEGY_NAMES.find((one) => one === strategy);
  return name === undefined ? '' : STRATEGIES[name].figure.measure;
}

/** Why it was this one, in a sentence. */
export function whyChosen(selected: Selected, events: readonly TaskEvent[]): string {
  const { strategy, measure, cost, free, tie } = selected;
  const { runner_up: next, runner_up_cost: nextCost } = selected;
  switch (strategy) {
    case '':
      return 'How it was chosen is not known.';
    case 'ADDRESSED':
      return 'The submitter named it.';
    case 'STATIC':
      return 'It is the one that its organisation or its submitter named.';
    case 'AUCTION':
      return whyWon(auctionOf(events), selected.agentId);
    case 'PLAN_RETRIEVE':
      return 'A plan-and-retrieve policy named it.';
  }
  if (strategy === 'AFFINITY') return whyWarm(next, free);
  if (cost === undefined) return `${strategy} chose it by chance, among ${free} that were free.`;
  if (next === undefined || nextCost === undefined)
    return `It was the only one of those that may get it that was free (${strategy}).`;
  const than = tie === undefined ? `${figure(cost)} against ${figure(nextCost)}` : `${figure(cost)} both`;
  const why = `${strategy} chose it before ${next}: ${measure}, ${than}`;
  return `${why}${tie === undefined ? '' : `, and ${TIES[tie]}`}; ${count(free, 'was', 'were')} free.`;
}

function whyWarm(other: string | undefined, free: number): string {
  const why = 'It did a task of the same affinity key lately';
  if (other === undefined) return `${why}; ${count(free, 'was', 'were')} free.`;
  return `${why}, so it goes before ${other}, which the strategy named; ${count(free, 'was', 'were')} free.`;
}

const TIES = {
  LOAD: 'it carried less',
  LAST_CHOSEN: 'it was chosen longer ago',
  ID: 'its id is the lower one',
} as const;
