import type { OrgConfig } from '../config/org-config.js';
import { poolText } from '../directory/pool.js';
import type { Requirements } from '../tasks/requirements.js';
import type { TaskSpec } from '../tasks/task.js';
import type { RoutingTerms } from '../tasks/terms.js';
import type { Route } from './route.js';

/** How an agent is to be found for a new task. */
export interface RouteDecision {
  /** With its pool and strategy, and its route or agent. */
  readonly requirements: Requirements;
  /** Who is named by STATIC. `null`: nobody is. */
  readonly subjectId: string | null;
  /** Of one who may not get it after all. */
  readonly fallback: boolean;
  /** For people: where it does not go the way that was asked for. Empty: it does. */
  readonly note: string;
}

type Routed = Pick<TaskSpec, 'jobSpaceId' | 'runAt' | 'dependencies' | 'requirements'>;

/** Whether nothing that an organisation has set decides where its tasks go. */
export function leavesRouting(config: OrgConfig): boolean {
  return config.agentResolutionStrategy === 'LOAD_BALANCING' && config.candidatePool === 'ALL';
}

/**
 * Decides by a task's own terms, else by its organisation's. What can be left open is: a plan is made when an
 * agent is there, and of those who hold a role one is chosen when the task is given out.
 *
 * @param now ms since the epoch
 * @param waits it waits for something of which nobody knows when it comes, such as a person's word
 */
export function decideRoute(
  spec: Routed,
  terms: RoutingTerms,
  config: OrgConfig,
  { now, waits }: { readonly now: number; readonly waits: boolean },
): RouteDecision {
  const strategy = terms.strategy ?? config.agentResolutionStrategy;
  const fallback = (terms.fallback ?? config.resolutionFallback) === 'LOAD_BALANCING';
  const { subjectId, roleId } = strategy === 'STATIC' ? staticOf(terms, config) : NOBODY;
  const pooled = withPool(spec, roleId === null ? [] : [roleId], config);
  const own = spec.requirements.agentId;
  const balancing = terms.loadBalancing ?? pooled.balancing;
  const base = balancing === pooled.balancing ? pooled : { ...pooled, balancing };
  const plain = { requirements: base, subjectId: null, fallback, note: '' };
  // Who names the agent has found it already.
  if (own !== null || strategy === 'LOAD_BALANCING') {
    const isIgnored = own === null && (terms.staticSubjectId !== null || terms.staticRoleId !== null);
    return isIgnored ? { ...plain, note: NOT_STATIC } : plain;
  }
  if (strategy === 'PLAN_RETRIEVE') {
    return { ...plain, requirements: { ...base, route: toPlan(fallback) } };
  }
  if (subjectId === null) {
    return roleId === null
      ? { ...plain, note: 'the strategy is static, and names no subject and no role' }
      : plain;
  }
  if (!fallback) return { ...plain, subjectId, requirements: { ...base, agentId: subjectId } };
  const blocked = waits || spec.dependencies.length > 0;
  const runnable = Math.max(now, spec.runAt ?? now);
  const until = blocked ? null : runnable + config.resolutionStartLimitMs;
  const route: Route = { by: 'STATIC', epoch: 0, agentId: subjectId, until, fallback };
  return { ...plain, subjectId, requirements: { ...base, route } };
}

/** Of a task whose agent a policy is to choose. */
function toPlan(fallback: boolean): Route {
  return { by: 'PLAN_RETRIEVE', epoch: 0, agentId: null, until: null, fallback };
}

const NOT_STATIC =
  'the strategy is load balancing, so the static subject or role that is named does not count';
const NOBODY = { subjectId: null, roleId: null };

/** What a task says of one replaces what its organisation says of both. */
function staticOf(terms: RoutingTerms, config: OrgConfig) {
  const named = terms.staticSubjectId !== null || terms.staticRoleId !== null ? terms : config;
  // Of somebody who is named no role is asked.
  const roleId = named.staticSubjectId === null ? named.staticRoleId : null;
  return { subjectId: named.staticSubjectId, roleId };
}

/** The requirements with the pool of those who may get it. */
export function withPool(
  { jobSpaceId, requirements }: Pick<Routed, 'jobSpaceId' | 'requirements'>,
  roles: readonly string[],
  { candidatePool, candidateRoleFilter }: Pick<OrgConfig, 'candidatePool' | 'candidateRoleFilter'>,
): Requirements {
  const roleIds = [...new Set([...requirements.roles, ...roles])];
  const byRoles = candidatePool === 'ROLES';
  if (!byRoles && roleIds.length === 0) return requirements;
  const roleFilter = byRoles ? candidateRoleFilter : null;
  return { ...requirements, pool: poolText({ jobSpaceId, roleIds, roleFilter }) };
}
