import type { Decision } from '../policies/decision.js';
import type { PolicyKind } from '../policies/policy.js';
import type { QueuePart } from '../queues/queue-part.js';
import type { Selection } from '../selection/selection.js';
import type { Requirements } from '../tasks/requirements.js';
import type { TaskState } from '../tasks/task-state.js';

/** Something that can be done, or comes by itself; see `Change` in task_explanation.proto. Times in ms since the epoch. */
export type Change =
  | {
      readonly kind: 'ADD_AGENT';
      readonly requirements: Requirements;
      readonly roleIds: readonly string[];
      readonly jobSpaceId: string;
    }
  | { readonly kind: 'ACTIVATE_AGENT'; readonly agentId: string }
  | { readonly kind: 'HEAL_AGENT'; readonly agentId: string }
  | { readonly kind: 'FREE_SLOT'; readonly agentIds: readonly string[] }
  | {
      readonly kind: 'RESUME_QUEUE';
      readonly part: QueuePart;
      /** What clears it, and holds it until it has ended. Default: it is paused. */
      readonly operationId?: string;
    }
  | { readonly kind: 'APPROVE' }
  | { readonly kind: 'FINISH_TASKS'; readonly taskIds: readonly string[]; readonly count: number }
  | { readonly kind: 'WAIT_UNTIL'; readonly time: number }
  | { readonly kind: 'AHEAD_LEAVE'; readonly taskIds: readonly string[]; readonly count: number }
  | { readonly kind: 'CHOOSE_AGENT' }
  | {
      /** A limit is set to this, or something that counts against it ends. */
      readonly kind: 'SET_LIMIT';
      readonly parameter: 'max_concurrent' | 'max_busy_agents' | 'reserved_slots' | 'limits';
      /** With `limits`: of which key. */
      readonly key: string;
      readonly to: number;
    }
  | {
      readonly kind: 'DIRECTORY_ANSWERS';
      /** `host:port`; empty: the built-in one. */
      readonly address: string;
    }
  | {
      readonly kind: 'SET_POLICY';
      readonly policyKind: PolicyKind;
      /** The one that is named and does not exist; empty: none is named. */
      readonly policyId: string;
    };

/** What a change brings. */
export type Effect = { readonly kind: 'STARTS' } | { readonly kind: 'STATE'; readonly state: TaskState };

/** Something that keeps a task from starting. */
export interface Blocker {
  /** In a sentence. */
  readonly text: string;
  readonly change: Change;
  /** Given that every other blocker is ended too. */
  readonly effect: Effect;
}

/** Where a task stands in the order, while it is QUEUED. Times in ms since the epoch. */
export interface QueuePlace {
  /** From 1. */
  readonly position: number;
  /** Of those that go first: tasks that the same agents serve. */
  readonly ahead: number;
  readonly score: number;
  /** By how long later tasks can go first because of a head start, at most. */
  readonly overtakenAtMostMs: number;
  /** `null`: not known. */
  readonly start: StartEstimate | null;
}

/** When a task starts: what is expected, and what eight of ten lie between. Ms since the epoch. */
export interface StartEstimate {
  readonly expected: number;
  readonly earliest: number;
  readonly latest: number;
}

/** An agent, and whether it may get a task. */
export interface CandidateView {
  readonly agentId: string;
  readonly eligible: boolean;
  readonly free: boolean;
  /** Why not, in words. */
  readonly reasons: readonly string[];
  /** `null`: it may not get it, or the strategy has none. */
  readonly cost: number | null;
  readonly inFlight: number;
  readonly slots: number;
  readonly health: number;
}

/** Who was given a task, and how it was chosen. */
export interface Selected extends Selection {
  readonly agentId: string;
  /** By which figure the strategy compares; empty: by none. */
  readonly measure: string;
  /** Ms since the epoch. */
  readonly time: number;
}

/** Why a task is where it is; see `Explanation` in task_explanation.proto. */
export interface Explanation {
  readonly text: string;
  readonly blockers: readonly Blocker[];
  readonly place: QueuePlace | null;
  readonly selection: Selected | null;
  readonly candidates: readonly CandidateView[];
  /** Those that are not told of included. */
  readonly agentCount: number;
  readonly decisions: readonly Decision[];
}
