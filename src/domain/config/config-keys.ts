import { KEY_LIMITS_ACCEPTED, MAX_CONCURRENT, readKeyLimits, writeKeyLimits } from '../limits/read-limits.js';
import { readWeights, WEIGHTS_ACCEPTED } from '../limits/weights.js';
import { DURATION_TERMS } from '../order/duration-term.js';
import { STRATEGY_NAMES } from '../selection/strategy-name.js';
import { TIERS, type Tier } from '../tasks/tier.js';
import { AUCTION_KEYS } from './auction-keys.js';
import {
  address,
  type ConfigKey,
  choice,
  duration,
  expression,
  filter,
  integer,
  json,
  name,
  number,
  toggle,
} from './config-key.js';
import {
  DEFAULT_ORG_CONFIG,
  type OrgConfig,
  PRIORITY_FORMULAS,
  RESOLUTION_STRATEGIES,
} from './org-config.js';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const D = DEFAULT_ORG_CONFIG;

/** Parameters that Reeve knows, but for the head starts: each by its place in `OrgConfig`. */
export const CONFIG_KEYS = {
  agentResolutionStrategy: choice(
    'agent_resolution_strategy',
    RESOLUTION_STRATEGIES,
    D.agentResolutionStrategy,
    'How an agent is found for a task that does not say.',
  ),
  loadBalancingStrategy: choice(
    'load_balancing_strategy',
    STRATEGY_NAMES,
    null,
    "Which of the eligible agents gets a task. Default: the server's setting.",
  ),
  staticSubjectId: name(
    'static_subject_id',
    'id of a subject',
    'With agent_resolution_strategy static: the agent that gets the tasks; goes before static_role_id.',
  ),
  staticRoleId: name(
    'static_role_id',
    'id of a role',
    'With agent_resolution_strategy static: the role whose holders get the tasks.',
  ),
  resolutionFallback: choice(
    'resolution_fallback',
    ['LOAD_BALANCING', 'NONE'],
    D.resolutionFallback,
    'What happens if a chosen agent is gone, declines, or does not begin in time.',
  ),
  resolutionStartLimitMs: duration(
    'resolution_start_limit',
    { min: 100, max: 24 * HOUR },
    D.resolutionStartLimitMs,
    'How long a chosen agent may take to begin.',
  ),
  planMaxCandidates: integer(
    'plan_max_candidates',
    { min: 1, max: 1_000 },
    D.planMaxCandidates,
    'How many candidates a plan-and-retrieve policy is given at most.',
  ),
  approvalPolicy: name(
    'approval_policy',
    'id of an approval policy',
    'Decides whether tasks are accepted that do not name a policy themselves. Default: all are.',
  ),
  priorityPolicy: name(
    'priority_policy',
    'id of a priority policy',
    'Decides how urgent tasks are that do not name a policy themselves. Default: as their tier says.',
  ),
  auctionInputPolicy: name(
    'auction_input_policy',
    'id of an auction-input policy',
    'Makes the parameters of an auction for tasks that do not name a policy themselves.',
  ),
  planRetrievePolicy: name(
    'plan_retrieve_policy',
    'id of a plan-and-retrieve policy',
    'With agent_resolution_strategy plan_retrieve: chooses the agent.',
  ),
  ...AUCTION_KEYS,
  approvalTimeoutMs: duration(
    'approval_timeout',
    { min: 100, max: 8_760 * HOUR },
    D.approvalTimeoutMs,
    'How long a person has to approve a task, unless the policy says.',
  ),
  approvalDefault: choice(
    'approval_default',
    ['APPROVE', 'REJECT'],
    D.approvalDefault,
    'What holds if nobody has approved or rejected a task in time.',
  ),
  priorityFormula: choice(
    'priority_formula',
    PRIORITY_FORMULAS,
    null,
    "How tasks are ordered; holds for those that become runnable afterwards. Default: the server's setting.",
  ),
  priorityExpression: expression(
    'priority_expression',
    'With priority_formula weighted: answers a head start, a duration. Default: what is built in.',
  ),
  durationCapMs: duration(
    'duration_cap',
    { min: 0, max: 24 * HOUR },
    D.durationCapMs,
    'Of what a task is expected to take no more than this counts in its order, see duration_factor_normal.',
  ),
  restShare: number(
    'rest_share',
    { min: 0, max: 0.5 },
    D.restShare,
    'What the rest keeps of the time of slots while people ask for more than there is.',
  ),
  preemption: toggle(
    'preemption',
    D.preemption,
    'Whether LOW tasks of preemptible kinds are sent back where a person waits for a slot.',
  ),
  preemptionGraceMs: duration(
    'preemption_grace',
    { min: 0, max: 10 * 60 * SECOND },
    D.preemptionGraceMs,
    'How long an agent has to stop a task that is sent back.',
  ),
  reservedSlots: integer(
    'reserved_slots',
    { min: 0, max: 100_000 },
    D.reservedSlots,
    'Slots of agents that are kept for what people wait for.',
  ),
  maxConcurrent: integer(
    'max_concurrent',
    { min: 1, max: MAX_CONCURRENT },
    null,
    'Tasks that are with agents at once. Default: as many as there are slots.',
  ),
  maxBusyAgents: integer(
    'max_busy_agents',
    { min: 1, max: MAX_CONCURRENT },
    null,
    'Agents that have a task at once. Default: all of them.',
  ),
  limits: json(
    'limits',
    'limits by key',
    { accepted: KEY_LIMITS_ACCEPTED, read: readKeyLimits, write: writeKeyLimits },
    D.limits,
    'What tasks of a limit key may do at once, and how often one begins.',
  ),
  fairnessWeights: json(
    'fairness_weights',
    'weights by key',
    { accepted: WEIGHTS_ACCEPTED, read: readWeights, write: (weights) => weights },
    D.fairnessWeights,
    'What the turns of fairness keys are worth; those that are not named weigh 1.',
  ),
  affinityColdStartMs: duration(
    'affinity_cold_start',
    { min: 0, max: 10 * 60 * SECOND },
    D.affinityColdStartMs,
    'How much sooner an agent is done that did a task of the same affinity key lately; none waits longer for it.',
  ),
  minHealth: number(
    'min_health',
    { min: 0, max: 1 },
    null,
    "Least health score of an agent that gets work, where the task does not say. Default: the server's setting.",
  ),
  candidatePool: choice(
    'candidate_pool',
    ['ALL', 'ROLES'],
    D.candidatePool,
    "With roles, only subjects with a role that counts in the task's job space get it.",
  ),
  candidateRoleFilter: filter(
    'candidate_role_filter',
    'With candidate_pool roles: which roles count, as in QueryRoles. Default: all.',
  ),
  roleDirectory: choice(
    'role_directory',
    ['BUILT_IN', 'REMOTE'],
    D.roleDirectory,
    'Where roles and subjects are kept: here, or in a RoleDirectoryService at role_directory_address.',
  ),
  roleDirectoryAddress: address(
    'role_directory_address',
    'Where the RoleDirectoryService listens; to be set before role_directory is remote.',
  ),
  roleDirectoryPlaintext: toggle(
    'role_directory_plaintext',
    D.roleDirectoryPlaintext,
    'Without TLS; only to addresses that the server allows.',
  ),
  roleDirectoryCacheMs: duration(
    'role_directory_cache',
    { min: 0, max: 24 * HOUR },
    D.roleDirectoryCacheMs,
    'How long answers of the RoleDirectoryService hold.',
  ),
  contextProviderAddress: address(
    'context_provider_address',
    'Where the ContextProviderService listens that look-ups of workflows ask.',
  ),
  contextProviderPlaintext: toggle(
    'context_provider_plaintext',
    D.contextProviderPlaintext,
    'Without TLS; only to addresses that the server allows.',
  ),
  contextProviderTimeoutMs: duration(
    'context_provider_timeout',
    { min: 100, max: 30 * SECOND },
    D.contextProviderTimeoutMs,
    'How long one call of the ContextProviderService may take.',
  ),
  workflowMaxItems: integer(
    'workflow_max_items',
    { min: 1, max: 1_000_000 },
    D.workflowMaxItems,
    'Items that one task of a workflow may expand to; counted before any is made.',
  ),
} as const satisfies {
  readonly [Field in Exclude<keyof OrgConfig, 'headStarts' | 'durationFactors' | 'values'>]: ConfigKey<
    OrgConfig[Field]
  >;
};

/** How much earlier a task counts as runnable because of its tier; without one as the server has it. */
export const HEAD_START_KEYS: Readonly<Record<Tier, ConfigKey<number | null>>> = {
  CRITICAL: headStart('CRITICAL'),
  URGENT: headStart('URGENT'),
  HIGH: headStart('HIGH'),
  NORMAL: headStart('NORMAL'),
  LOW: headStart('LOW'),
};

function headStart(tier: Tier): ConfigKey<number | null> {
  const doc = `With priority_formula tier_aging: how much earlier ${tier} tasks count as runnable. Default: the server's.`;
  return duration(`head_start_${tier.toLowerCase()}`, { min: 0, max: 48 * HOUR }, null, doc);
}

/** What each ms of a task's expected duration is worth in its order; without one as `DURATION_TERMS` has it. */
export const DURATION_FACTOR_KEYS: Readonly<Record<Tier, ConfigKey<number | null>>> = {
  CRITICAL: durationFactor('CRITICAL'),
  URGENT: durationFactor('URGENT'),
  HIGH: durationFactor('HIGH'),
  NORMAL: durationFactor('NORMAL'),
  LOW: durationFactor('LOW'),
};

function durationFactor(tier: Tier): ConfigKey<number | null> {
  const doc = `How much later ${tier} tasks go for each second that they are expected to take, but for fcfs; 0: no later. Default: ${DURATION_TERMS.factors[tier]}.`;
  return number(`duration_factor_${tier.toLowerCase()}`, { min: 0, max: 100 }, null, doc);
}

/** All of them, by key. */
export const KNOWN_KEYS: ReadonlyMap<string, ConfigKey<unknown>> = new Map(
  [
    ...Object.values<ConfigKey<unknown>>(CONFIG_KEYS),
    ...TIERS.flatMap((tier) => [HEAD_START_KEYS[tier], DURATION_FACTOR_KEYS[tier]]),
  ]
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map((known) => [known.key, known]),
);
