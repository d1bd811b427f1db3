import type { AgentSpec } from '../agents/agent.js';
import type { Condition, Ineligibility } from '../agents/eligibility.js';
import type { Decision } from '../policies/decision.js';
import type { QueuePart } from '../queues/queue-part.js';
import type { Standing } from '../routing/route.js';
import type { Approval } from '../tasks/admission.js';
import type { Task, TaskEvent } from '../tasks/task.js';
import type { TaskState } from '../tasks/task-state.js';
import type { HeadStarts } from '../tasks/tier.js';
import type { LanePlace } from './lane-place.js';

/** An agent beside a task. Figures of all its processes together. */
export interface AgentFacts {
  readonly spec: AgentSpec;
  readonly condition: Condition;
  /** Empty: it may get the task. */
  readonly against: readonly Ineligibility[];
  /** Processes that are connected; 0: it is only known. */
  readonly instances: number;
  readonly slots: number;
  readonly inFlight: number;
  /** Tasks it takes now. */
  readonly credit: number;
}

/** What a task waits for. */
export interface UpstreamFacts {
  readonly taskId: string;
  readonly state: TaskState;
}

/** Why nothing is given out from a part of the queue. */
export interface PartHold {
  readonly part: QueuePart;
  /** A person paused it, or an operation is clearing it. `null`: which of the two is not known. */
  readonly by:
    | { readonly kind: 'PAUSE'; readonly actor: string; readonly reason: string; readonly time: number }
    | { readonly kind: 'CLEARING'; readonly operationId: string }
    | null;
}

/** The directory that says who is in a pool does not answer. */
export interface DirectoryProblem {
  /** `host:port`; empty: the built-in one. */
  readonly address: string;
  /** What it answered instead, in words. */
  readonly problem: string;
}

/** All that an explanation is made from. Times in ms since the epoch. */
export interface Facts {
  readonly task: Task;
  /** What its route means now. */
  readonly standing: Standing;
  /** Those of its trail that tell how it came here, oldest first: submission, routes, claims, ends. */
  readonly events: readonly TaskEvent[];
  readonly decisions: readonly Decision[];
  /** `null`: nobody is asked. */
  readonly approval: Approval | null;
  /**
   * The plan policy that is named for a task which gets its agent from one and in no other way, if there is no such
   * policy; empty: none is named. `null`: nothing is missing.
   */
  readonly missingPlan: string | null;
  /**
   * How often a plan policy has named nobody for it, as far as the coordinator that tells knows, and when it is asked
   * again. `null`: it does not ask.
   */
  readonly planTries: { readonly count: number; readonly nextTime: number } | null;
  /** Tasks that it depends on: those that have not ended, and those that have ended so that it will be skipped. */
  readonly upstreams: readonly UpstreamFacts[];
  /** Why nobody is known to be in the task's pool, and where its directory is; `null`: its pool is known, or it has none. */
  readonly directory: DirectoryProblem | null;
  /** `null`: it is in no lane. */
  readonly place: LanePlace | null;
  /** What holds the task in its lane. */
  readonly holds: readonly PartHold[];
  /** Where time alone may bring it to an agent: tasks that wait for theirs, and may go before it then. */
  readonly delayed: readonly Task[];
  /** Connected ones, then those that are only known. */
  readonly agents: readonly AgentFacts[];
  /** Connected ones, which may be more than `agents` has. */
  readonly connected: number;
  /** Of agents, for tasks that name none. */
  readonly minHealth: number;
  readonly headStarts: HeadStarts;
  /** That of no task of its organisation is greater, in ms. */
  readonly greatestHeadStartMs: number;
  /** How long tasks of its kind are expected to take; `null`: nothing is known. */
  readonly expectedMs: number | null;
  /** What that is worth in the order now, in ms. */
  readonly durationTermMs: number;
  /** Tasks a ms that come with a greater head start than it has. */
  readonly overtaking: number;
  /** How many candidates are told of. */
  readonly maxCandidates: number;
  readonly now: number;
}
