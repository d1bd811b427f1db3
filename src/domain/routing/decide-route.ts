import type { OrgConfig, ResolutionStrategy } from '../config/org-config.js';
import { poolText } from '../directory/pool.js';
import type { Requirements } from '../tasks/requirements.js';
import type { TaskSpec } from '../tasks/task.js';
import type { RoutingTerms, Terms } from '../tasks/terms.js';
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
  { routing: terms, policies }: Pick<Terms, 'routing' | 'policies'>,
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
  const way = own === null ? strategy : 'NAMED';
  const note = joined(
    staticNote(way, terms),
    policyNote(way, 'PLAN_RETRIEVE', policies.planRetrieve),
    policyNote(way, 'AUCTION', policies.auctionInput),
  );
  const plain = { requirements: base, subjectId: null, fallback, note };
  // Who names the agent has found it already.
  if (way === 'NAMED' || way === 'LOAD_BALANCING') return plain;
  if (strategy === 'PLAN_RETRIEVE' || strategy === 'AUCTION') {
    return { ...plain, requirements: { ...base, route: toChoose(strategy, fallback) } };
  }
  if (subjectId === null) {
    return roleId === null
      ? { ...plain, note: joined('the strategy is static, and names no subject and no role', note) }
      : plain;
  }
  if (!fallback) return { ...plain, subjectId, requirements: { ...base, agentId: subjectId } };
  const blocked = waits || spec.dependencies.length > 0;
  const runnable = Math.max(now, spec.runAt ?? now);
  const until = blocked ? null : runnable + config.resolutionStartLimitMs;
  const route: Route = { by: 'STATIC', epoch: 0, agentId: subjectId, until, fallback };
  return { ...plain, subjectId, requirements: { ...base, route } };
}

/** Of a task whose agent a policy is to choose, or an auction. */
function toChoose(by: 'PLAN_RETRIEVE' | 'AUCTION', fallback: boolean): Route {
  return { by, epoch: 0, agentId: null, until: null, fallback };
}

/** How the agent is found: NAMED by the task itself. */
type FoundBy = ResolutionStrategy | 'NAMED';

const FOUND_BY: Readonly<Record<FoundBy, string>> = {
  LOAD_BALANCING: 'the strategy is load balancing',
  STATIC: 'the strategy is static',
  PLAN_RETRIEVE: 'the strategy is plan and retrieve',
  AUCTION: 'the strategy is auction',
  NAMED: 'it names its agent',
};

function staticNote(way: FoundBy, { staticSubjectId, staticRoleId }: RoutingTerms): string {
  if (way !== 'LOAD_BALANCING' || (staticSubjectId === null && staticRoleId === null)) return '';
  return `${FOUND_BY[way]}, so the static subject or role that is named does not count`;
}

const POLICY_OF = { PLAN_RETRIEVE: 'plan', AUCTION: 'auction' } as const;

function policyNote(way: FoundBy, of: keyof typeof POLICY_OF, policyId: string | null): string {
  if (way === of || policyId === null) return '';
  return `${FOUND_BY[way]}, so the ${POLICY_OF[of]} policy ${policyId} that is named does not count`;
}

const NOBODY = { subjectId: null, roleId: null };

function joined(...notes: readonly string[]): string {
  return notes.filter((note) => note !== '').join('; ');
}

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
