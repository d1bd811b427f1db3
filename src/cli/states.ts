import type {
  AgentStatus,
  AgentType,
  TaskRequest,
  TaskSource,
  TaskState,
  Tier,
  WorkflowState,
} from '@reeve/sdk';

// Records, so that the compiler tells when a name is missing.
const STATES: Readonly<Record<TaskState, true>> = {
  AWAITING_APPROVAL: true,
  BLOCKED: true,
  SCHEDULED: true,
  QUEUED: true,
  ASSIGNED: true,
  RUNNING: true,
  PREEMPTING: true,
  INPUT_REQUIRED: true,
  CANCELLING: true,
  SUCCEEDED: true,
  FAILED: true,
  DEAD_LETTER: true,
  CANCELLED: true,
  TIMED_OUT: true,
  SKIPPED: true,
  REJECTED: true,
};
const STATUSES: Readonly<Record<AgentStatus, true>> = {
  ACTIVE: true,
  INACTIVE: true,
  BUSY: true,
  STALE: true,
  DRAINING: true,
};
const TYPES: Readonly<Record<AgentType, true>> = {
  WORKER: true,
  PROVIDER: true,
  CONSUMER: true,
  GENERAL: true,
};
const TIER_NAMES: Readonly<Record<Tier, true>> = {
  CRITICAL: true,
  URGENT: true,
  HIGH: true,
  NORMAL: true,
  LOW: true,
};
const SOURCE_NAMES: Readonly<Record<TaskSource, true>> = { HUMAN: true, AUTOMATED: true, AGENT: true };
type Routing = NonNullable<TaskRequest['routing']>;
const STRATEGY_NAMES: Readonly<Record<NonNullable<Routing['strategy']>, true>> = {
  LOAD_BALANCING: true,
  STATIC: true,
  PLAN_RETRIEVE: true,
  AUCTION: true,
};
const BALANCING_NAMES: Readonly<Record<NonNullable<Routing['loadBalancing']>, true>> = {
  LEAST_CONNECTIONS: true,
  ROUND_ROBIN: true,
  WEIGHTED_ROUND_ROBIN: true,
  RESOURCE_BASED: true,
  GEOGRAPHIC: true,
  RANDOM: true,
  SHORTEST_EXPECTED: true,
};
const FALLBACK_NAMES: Readonly<Record<NonNullable<Routing['fallback']>, true>> = {
  LOAD_BALANCING: true,
  NONE: true,
};

const WORKFLOW_STATE_NAMES: Readonly<Record<WorkflowState, true>> = {
  INITIALIZING: true,
  RESOLVING: true,
  PROCESSING: true,
  COMPLETING: true,
  SUCCEEDED: true,
  FAILED: true,
  PARTIAL: true,
  CANCELLED: true,
};

/** What can be chosen on the command line. */
export const TASK_STATES = Object.keys(STATES) as readonly TaskState[];
export const AGENT_STATUSES = Object.keys(STATUSES) as readonly AgentStatus[];
export const AGENT_TYPES = Object.keys(TYPES) as readonly AgentType[];
export const TIERS = Object.keys(TIER_NAMES) as readonly Tier[];
export const SOURCES = Object.keys(SOURCE_NAMES) as readonly TaskSource[];
export const RESOLUTION_STRATEGIES = Object.keys(STRATEGY_NAMES);
export const LOAD_BALANCINGS = Object.keys(BALANCING_NAMES);
export const FALLBACKS = Object.keys(FALLBACK_NAMES);
export const WORKFLOW_STATES = Object.keys(WORKFLOW_STATE_NAMES) as readonly WorkflowState[];
