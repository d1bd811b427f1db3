import type { Requirements } from '../tasks/requirements.js';
import type { AgentIntent, AgentSpec } from './agent.js';

/** What eligibility looks at besides what the agent said of itself. */
export interface Condition {
  /** From 0 to 1. */
  readonly health: number;
  /** Only what is ACTIVE wants work; what is deregistered is INACTIVE. */
  readonly intent: AgentIntent;
}

/** Why an agent may not get a task; empty if it may. In the order in which people ask. */
export type Ineligibility =
  | Exclude<AgentIntent, 'ACTIVE'>
  | 'OTHER_AGENT'
  | 'AGENT_TYPE'
  | 'CAPABILITIES'
  | 'SERVICES'
  | 'TAGS'
  | 'REGION'
  | 'POOL'
  | 'HEALTH';

export const DEFAULT_MIN_HEALTH = 0.5;

/**
 * Whether an agent may get a task at all. Free credit is not looked at here: a busy agent is
 * eligible and the task waits for whoever is free first.
 *
 * @param minHealth the threshold for tasks that name none
 * @param isInPool whether the agent belongs to a pool of candidates. Default: to none
 */
export function ineligibilities(
  spec: AgentSpec,
  condition: Condition,
  requirements: Requirements,
  minHealth: number,
  isInPool: (pool: string) => boolean = inNone,
): readonly Ineligibility[] {
  const why: Ineligibility[] = [];
  if (condition.intent !== 'ACTIVE') why.push(condition.intent);
  if (requirements.agentId !== null && requirements.agentId !== spec.agentId) why.push('OTHER_AGENT');
  if (requirements.agentType !== null && requirements.agentType !== spec.agentType) why.push('AGENT_TYPE');
  if (!hasAll(spec.capabilities, requirements.capabilities)) why.push('CAPABILITIES');
  if (!hasAll(spec.services, requirements.services)) why.push('SERVICES');
  if (!hasAll(spec.tags, requirements.tags)) why.push('TAGS');
  if (requirements.region !== null && requirements.region !== spec.region) why.push('REGION');
  if (requirements.pool !== null && !isInPool(requirements.pool)) why.push('POOL');
  if (condition.health < (requirements.minHealth ?? minHealth)) why.push('HEALTH');
  return why;
}

export function isEligible(
  spec: AgentSpec,
  condition: Condition,
  requirements: Requirements,
  minHealth: number,
  isInPool: (pool: string) => boolean = inNone,
): boolean {
  return ineligibilities(spec, condition, requirements, minHealth, isInPool).length === 0;
}

const inNone = () => false;

/** What passes, where the others are of what the agent is. */
const PASSING: readonly Ineligibility[] = ['INACTIVE', 'DRAINING', 'HEALTH'];

/** The one that says most of several: what the agent lacks, before what passes. */
export function mainly(why: readonly Ineligibility[]): Ineligibility | undefined {
  return why.find((one) => !PASSING.includes(one)) ?? why[0];
}

function hasAll(offered: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((w) => offered.includes(w));
}
