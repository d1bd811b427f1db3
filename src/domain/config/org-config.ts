import type { JsonObject } from '../json.js';
import type { KeyLimits } from '../limits/org-limits.js';
import type { FairnessWeights } from '../limits/weights.js';
import { DURATION_TERMS } from '../order/duration-term.js';
import type { StrategyName } from '../selection/strategy-name.js';
import type { Tier } from '../tasks/tier.js';

/** How an agent is found for a task. */
export const RESOLUTION_STRATEGIES = ['LOAD_BALANCING', 'STATIC', 'PLAN_RETRIEVE', 'AUCTION'] as const;
export type ResolutionStrategy = (typeof RESOLUTION_STRATEGIES)[number];

/** What happens if a chosen agent is gone, declines, or does not begin in time. */
export type ResolutionFallback = 'LOAD_BALANCING' | 'NONE';

/** Where the bids of an auction come from: computed for all who may get the task, or asked of them. */
export const BID_SOURCES = ['COMPUTED', 'LIVE'] as const;
export type BidSource = (typeof BID_SOURCES)[number];

export const PRIORITY_FORMULAS = ['tier_aging', 'weighted', 'submitter', 'fcfs'] as const;
export type OrgPriorityFormula = (typeof PRIORITY_FORMULAS)[number];

/** An organisation's parameters, checked, with defaults filled in. `null`: the server's setting, or none. */
export interface OrgConfig {
  readonly agentResolutionStrategy: ResolutionStrategy;
  readonly loadBalancingStrategy: StrategyName | null;
  readonly staticSubjectId: string | null;
  readonly staticRoleId: string | null;
  readonly resolutionFallback: ResolutionFallback;
  /** How long a chosen agent may take to begin. */
  readonly resolutionStartLimitMs: number;
  /** How many candidates a plan is given at most. */
  readonly planMaxCandidates: number;
  readonly approvalPolicy: string | null;
  readonly priorityPolicy: string | null;
  readonly auctionInputPolicy: string | null;
  readonly planRetrievePolicy: string | null;
  readonly auctionBids: BidSource;
  /** How long agents have to bid. */
  readonly auctionBidTimeMs: number;
  /** What a success is worth, in the unit of prices. */
  readonly auctionValue: number;
  /** What each hour until it is done costs, in the same. */
  readonly auctionHourCost: number;
  readonly auctionMaxPrice: number | null;
  /** CEL that makes the bid of a candidate. `null`: what is built in. */
  readonly auctionBidExpression: string | null;
  /** CEL that answers what a bid is worth. `null`: what is built in. */
  readonly auctionScoreExpression: string | null;
  /** How long a person has to approve a task, unless the policy says. */
  readonly approvalTimeoutMs: number;
  /** What holds if nobody says anything. */
  readonly approvalDefault: 'APPROVE' | 'REJECT';
  readonly priorityFormula: OrgPriorityFormula | null;
  /** With `weighted`: CEL that answers a duration. `null`: what is built in. */
  readonly priorityExpression: string | null;
  /** Those that are set, in ms. */
  readonly headStarts: Readonly<Partial<Record<Tier, number>>>;
  /** Those that are set: what each ms of the expected duration is worth. */
  readonly durationFactors: Readonly<Partial<Record<Tier, number>>>;
  readonly durationCapMs: number;
  /** Of the time of slots, while people ask for more than there is: what is kept for the rest. */
  readonly restShare: number;
  /** Whether what may be sent back is, where a person waits. */
  readonly preemption: boolean;
  /** How long its agent has to stop. */
  readonly preemptionGraceMs: number;
  /** Slots that are kept for the human band. */
  readonly reservedSlots: number;
  readonly maxConcurrent: number | null;
  readonly maxBusyAgents: number | null;
  readonly limits: KeyLimits;
  readonly fairnessWeights: FairnessWeights;
  /** What an agent that did a task of the same affinity key lately is worth. */
  readonly affinityColdStartMs: number;
  readonly minHealth: number | null;
  /** ROLES: only subjects with a role that counts in the task's job space get it. */
  readonly candidatePool: 'ALL' | 'ROLES';
  /** With ROLES: which roles count; see `domain/directory`. */
  readonly candidateRoleFilter: JsonObject | null;
  readonly roleDirectory: 'BUILT_IN' | 'REMOTE';
  /** `host:port` of a RoleDirectoryService. */
  readonly roleDirectoryAddress: string | null;
  readonly roleDirectoryPlaintext: boolean;
  readonly roleDirectoryCacheMs: number;
  /** `host:port` of a ContextProviderService. */
  readonly contextProviderAddress: string | null;
  readonly contextProviderPlaintext: boolean;
  readonly contextProviderTimeoutMs: number;
  /** Items that one task of a workflow may expand to. */
  readonly workflowMaxItems: number;
  /** All parameters as they are set, by key: what policies see as `org`. */
  readonly values: JsonObject;
}

/** Of an organisation that has set nothing. */
export const DEFAULT_ORG_CONFIG: OrgConfig = {
  agentResolutionStrategy: 'LOAD_BALANCING',
  loadBalancingStrategy: null,
  staticSubjectId: null,
  staticRoleId: null,
  resolutionFallback: 'LOAD_BALANCING',
  resolutionStartLimitMs: 30_000,
  planMaxCandidates: 100,
  approvalPolicy: null,
  priorityPolicy: null,
  auctionInputPolicy: null,
  planRetrievePolicy: null,
  auctionBids: 'COMPUTED',
  auctionBidTimeMs: 500,
  auctionValue: 1,
  auctionHourCost: 0.5,
  auctionMaxPrice: null,
  auctionBidExpression: null,
  auctionScoreExpression: null,
  approvalTimeoutMs: 24 * 3_600_000,
  approvalDefault: 'REJECT',
  priorityFormula: null,
  priorityExpression: null,
  headStarts: {},
  durationFactors: {},
  durationCapMs: DURATION_TERMS.capMs,
  restShare: 0.05,
  preemption: true,
  preemptionGraceMs: 5_000,
  reservedSlots: 0,
  maxConcurrent: null,
  maxBusyAgents: null,
  limits: {},
  fairnessWeights: {},
  affinityColdStartMs: 30_000,
  minHealth: null,
  candidatePool: 'ALL',
  candidateRoleFilter: null,
  roleDirectory: 'BUILT_IN',
  roleDirectoryAddress: null,
  roleDirectoryPlaintext: false,
  roleDirectoryCacheMs: 60_000,
  contextProviderAddress: null,
  contextProviderPlaintext: false,
  contextProviderTimeoutMs: 2_000,
  workflowMaxItems: 100_000,
  values: {},
};
