import type { OrgConfig, OrgPriorityFormula } from '../config/org-config.js';
import type { Terms } from '../tasks/terms.js';
import { FCFS, type HeadStarts, TIER_AGING, TIERS, type Tier } from '../tasks/tier.js';
import { MAX_HEAD_START_MS } from './read-answers.js';

/** The number that stands for a tier where priorities are numbers from 0 to 1000. */
export const TIER_PRIORITY: Readonly<Record<Tier, number>> = {
  CRITICAL: 1_000,
  URGENT: 800,
  HIGH: 600,
  NORMAL: 400,
  LOW: 200,
};

/** What the built-in `weighted` gives for each task that is waited for, and for how many at most. */
const DEPENDENCY_MS = 10 * 60_000;
const MAX_DEPENDENCIES = 12;
const WEIGHED_MS = MAX_HEAD_START_MS - DEPENDENCY_MS * MAX_DEPENDENCIES;

/** What the formulas look at. */
export interface Weighed {
  readonly tier: Tier;
  readonly terms: Pick<Terms, 'urgency' | 'impact' | 'priority'>;
  /** Tasks that it waits for. */
  readonly dependencies: number;
}

/** What an organisation's tiers are worth: what it has set itself, over what the server's formula says. */
export function tierHeadStarts(
  server: HeadStarts,
  { headStarts }: Pick<OrgConfig, 'headStarts'>,
): HeadStarts {
  for (const tier of TIERS) if (headStarts[tier] !== undefined) return { ...server, ...headStarts };
  return server;
}

/**
 * What tiers were worth in the scores of an organisation's tasks, so that these tell since when they were runnable.
 * Where the tier says nothing of it, nothing at all: then no more is known than when they were submitted.
 */
export function headStartsInScores(
  server: HeadStarts,
  config: Pick<OrgConfig, 'headStarts' | 'priorityFormula' | 'priorityPolicy'>,
): HeadStarts {
  const { priorityFormula: formula, priorityPolicy: policy } = config;
  if (policy !== null || (formula !== null && formula !== 'tier_aging')) return FCFS;
  return tierHeadStarts(formula === null ? server : TIER_AGING, config);
}

/** What none of an organisation's tasks has more than, as long as they name no policy of their own. */
export function greatestHeadStart(
  server: HeadStarts,
  config: Pick<OrgConfig, 'headStarts' | 'priorityFormula' | 'priorityPolicy'>,
): number {
  const { priorityFormula: formula, priorityPolicy: policy } = config;
  if (formula === 'submitter' || formula === 'weighted') return MAX_HEAD_START_MS;
  const byTier = formula === 'fcfs' ? FCFS : tierHeadStarts(formula === null ? server : TIER_AGING, config);
  const byPolicy = policy === null ? FCFS : tierHeadStarts(TIER_AGING, config);
  return Math.max(...Object.values(byTier), ...Object.values(byPolicy));
}

/**
 * What a policy's priority is worth, in ms: at 200, 400 … 1000 what LOW, NORMAL … CRITICAL are, linear
 * between, nothing below 200.
 *
 * @param headStarts those that the organisation has set itself; the others are those of `tier_aging`
 */
export function headStartOfPriority(priority: number, headStarts: OrgConfig['headStarts']): number {
  if (priority < TIER_PRIORITY.LOW) return 0;
  const worth = { ...TIER_AGING, ...headStarts };
  const above = TIERS.findLast((tier) => TIER_PRIORITY[tier] >= priority) ?? 'CRITICAL';
  const below = TIERS.find((tier) => TIER_PRIORITY[tier] <= priority) ?? 'LOW';
  if (above === below) return bounded(worth[above]);
  const share = (priority - TIER_PRIORITY[below]) / (TIER_PRIORITY[above] - TIER_PRIORITY[below]);
  return bounded(worth[below] + share * (worth[above] - worth[below]));
}

/** What a task is worth by a formula, in ms; `weighted` as it is built in. */
export function headStartByFormula(
  formula: OrgPriorityFormula,
  task: Weighed,
  headStarts: HeadStarts,
): number {
  switch (formula) {
    case 'fcfs':
      return 0;
    case 'submitter':
      return bounded((task.terms.priority / 1_000) * MAX_HEAD_START_MS);
    case 'weighted':
      return weighted(task);
    case 'tier_aging':
      return bounded(headStarts[task.tier]);
  }
}

/**
 * Three parts urgency to two parts impact; a task that says neither goes by its tier. What joins many
 * tasks gets a little more: a workflow waits for it.
 */
function weighted({ tier, terms: { urgency, impact }, dependencies }: Weighed): number {
  const said = urgency > 0 || impact > 0;
  const weight = said ? (3 * urgency + 2 * impact) / 5 : TIER_PRIORITY[tier];
  const joined = Math.min(dependencies, MAX_DEPENDENCIES) * DEPENDENCY_MS;
  return bounded((weight / 1_000) * WEIGHED_MS + joined);
}

function bounded(ms: number): number {
  return Math.round(Math.min(Math.max(ms, 0), MAX_HEAD_START_MS));
}
