import type { AgentIntent, AgentSpec, LoadReport } from '../domain/agents/agent.js';
import type { Ineligibility } from '../domain/agents/eligibility.js';
import type { LanePlace } from '../domain/explain/lane-place.js';
import type { FullLimit } from '../domain/limits/full-limit.js';
import type { StandBack } from '../domain/order/duration-term.js';
import type { QueuePart } from '../domain/queues/queue-part.js';
import type { Selection } from '../domain/selection/selection.js';
import type { Claim } from '../domain/tasks/lease.js';
import type { Requirements } from '../domain/tasks/requirements.js';
import type { Band } from '../domain/tasks/source.js';
import type { HeadStarts, Tier } from '../domain/tasks/tier.js';
import type { CandidateQuery, CandidateSurvey } from './candidates.js';
import type { PeekedTask, QueueSizes } from './queue-sizes.js';
import type { VictimChoice } from './victim-choice.js';

export type * from './candidates.js';
export type * from './queue-sizes.js';
export type { HeadStarts, StandBack };

/** Names a task. */
export interface TaskKey {
  readonly org: string;
  readonly taskId: string;
}

/** A task as it was left by one of its changes: what is told later of an older one is ignored. */
export interface TaskVersion extends TaskKey {
  /** The number of the change, see `TaskChange`. */
  readonly seq: number;
}

/** A task that waits for its time. */
export interface DelayedTask extends TaskVersion {
  readonly tier: Tier;
  /** Ms since the epoch. */
  readonly due: number;
}

/** What the order and the choice of an agent need to know of a task. */
export interface ReadyTask extends TaskVersion {
  readonly band: Band;
  readonly tier: Tier;
  readonly score: number;
  readonly kind: string;
  readonly requirements: Requirements;
  /** Who held it last; another agent is to get it, if there is one. `null`: nobody did. */
  readonly lastAgentId: string | null;
  /** How often it was claimed: a route that is older counts no more. Default 0. */
  readonly epoch?: number;
}

/** One connected process of an agent, as the index sees it. */
export interface Instance {
  readonly org: string;
  readonly sessionId: string;
  readonly spec: AgentSpec;
  readonly slots: number;
  /** Tasks it holds from before, on another session. */
  readonly held: readonly Claim[];
}

/** A task popped for an instance, its credit charged, not claimed yet. */
export interface Reservation {
  readonly reservationId: string;
  readonly org: string;
  readonly taskId: string;
  readonly sessionId: string;
  readonly agentId: string;
  /** Of the call that asked for it; see `grant`. */
  readonly requestId: string | null;
  /** How the agent was chosen, for the trail. `null`: that is not known. */
  readonly selection?: Selection | null;
}

/** A reservation whose claim is committed. */
export interface Confirmation {
  readonly reservation: Reservation;
  /** Of the claim. */
  readonly epoch: number;
  /** Of the change that the claim was. */
  readonly seq: number;
}

/** A reservation that came to nothing. */
export interface Release {
  readonly reservation: Reservation;
  /** The task is still to be had; else it is dropped. */
  readonly requeue: boolean;
}

/** A task that an agent has, as the record tells of it. */
export interface RunningTask extends Claim {
  readonly seq: number;
  readonly agentId: string;
  readonly kind: string;
  readonly tier: Tier;
  readonly band: Band;
  readonly requirements: Requirements;
}

/** When a task of limit keys was given to an agent, for their rates. */
export interface RecentStart {
  readonly limits: readonly string[];
  /** Ms since the epoch. */
  readonly time: number;
  /** How often, by then. */
  readonly count: number;
}

/** How an attempt went, for the record of its agent. */
export interface AttemptEnd extends TaskKey {
  readonly outcome: 'SUCCEEDED' | 'FAILED';
}

/** A lease the reaper should look at, about when it may have run out. */
export interface LeaseHint extends Claim {
  /** On the clock of the index, ms since the epoch. */
  readonly due: number;
}

/**
 * CLAIMED: the first of a claim that was just made. LOADED: it replaces none of the same epoch either,
 * which may be due earlier for a reason that the record does not know. NEW: any other.
 */
export type HintCause = 'CLAIMED' | 'NEW' | 'LOADED';

/**
 * The index: what is next and who is free. It may be lost at any moment and is rebuilt from
 * the record; an entry too many fails its claim and is dropped, an entry too few costs
 * time until the reconciler comes by. Every operation may be repeated without harm, and those of one
 * task may come in another order than its changes were committed in: the newest `seq` and
 * the newest `epoch` count.
 */
export interface ReadyIndex extends VictimChoice {
  /**
   * Adds QUEUED tasks to their lanes; known ones move to their new place. One that is reserved or
   * with an instance comes into its lane when that is over.
   *
   * @param cause LOADED: they were queued before, which is no movement of the queue. Default NEW.
   */
  add(tasks: readonly ReadyTask[], cause?: 'NEW' | 'LOADED'): Promise<void>;
  /** Takes tasks out wherever they are: lanes, delayed. */
  remove(tasks: readonly TaskVersion[]): Promise<void>;
  /** Up to `max` tasks that are in lanes, each time the next ones in a circle, so that all are seen. */
  nextWaiting(max: number): Promise<readonly TaskVersion[]>;
  /** Remembers SCHEDULED tasks until they are due (ms since the epoch). */
  delay(tasks: readonly DelayedTask[]): Promise<void>;
  /** The same of delayed tasks, due or not. */
  nextDelayed(max: number): Promise<readonly TaskVersion[]>;
  /** Takes out up to `max` delayed tasks that are due. */
  takeDue(max: number): Promise<readonly DelayedTask[]>;

  /**
   * From here on nothing of a part of an org's queue is reserved, until `unhold` with the same
   * name; a part may have several holds. What is reserved already goes its way.
   */
  hold(org: string, part: QueuePart, name: string): Promise<void>;
  /** Ends a hold; unknown ones are ignored. */
  unhold(org: string, name: string): Promise<void>;

  /** An instance has connected, or what is known of it changed. */
  putInstance(instance: Instance): Promise<void>;
  /** It is gone; its credit is void. */
  dropInstance(sessionId: string): Promise<void>;
  /**
   * Sets how many more tasks the instance takes, cumulative over its session.
   *
   * @param requestId names the call that asks, for the reservations made from here on
   */
  grant(sessionId: string, grantedTotal: number, requestId?: string | null): Promise<void>;
  /** Takes the unused credit back. How many tasks are reserved for the instance, and not confirmed or released yet. */
  withdraw(sessionId: string): Promise<number>;
  /** Whether the agent may be chosen: health above what tasks ask, intent ACTIVE. */
  setEligibility(org: string, agentId: string, health: number, intent: AgentIntent): Promise<void>;

  /** What an agent reports of its machine; it counts for some heartbeats. */
  reportLoad(org: string, agentId: string, load: LoadReport): Promise<void>;

  /**
   * The pop: takes up to `max` tasks in order, each with the agent that the strategy chooses
   * among the eligible with credit, and charges that credit. Agents that are held back for
   * its kind, or had the task last, are left out while others are eligible; the latter for
   * at most 5 s. A reservation lapses after 5 s, and the task is back at its old place.
   *
   * Of two bands that have something to give out goes HUMAN, unless the rest is owed its share of the time of
   * slots. Within a lane (kind, requirements, band, tier) fairness keys take turns by the time of slots, charged with the
   * expected duration and put right when the attempt is over; how keys did is forgotten when the lane is empty. What
   * a full limit stands against waits aside, and holds up nothing. A task counts against its limits from its reservation to
   * the end of its lease, whosever session that was; a reservation that comes to nothing gives its start back.
   */
  reserve(max: number): Promise<readonly Reservation[]>;
  /**
   * The same for tasks that are about to be submitted, and in no lane yet: each with an agent
   * that is free, if no waiting task goes before it; else `null`. In the order of `tasks`.
   * What lapses or is released is dropped.
   */
  reserveNew(tasks: readonly ReadyTask[]): Promise<readonly (Reservation | null)[]>;
  /** The claims are committed: reservations become slots in use. */
  confirm(confirmations: readonly Confirmation[]): Promise<void>;
  /** The claims failed. Credit is given back. */
  release(releases: readonly Release[]): Promise<void>;
  /** Attempts ended in a way that tells of their agents; to be said before their slots are freed. */
  recordAttempts(ends: readonly AttemptEnd[]): Promise<void>;
  /**
   * Leases ended, however: their slots, and those of earlier ones, are free again. Unknown ones are ignored.
   *
   * @param sessionId only slots of this session: the tasks may be with another by now
   */
  freeSlots(claims: readonly Claim[], sessionId?: string): Promise<void>;

  /**
   * Sets when to look at leases; a hint replaces one of the same task unless its epoch is lower.
   *
   * @param cause default NEW
   */
  hintLeases(hints: readonly LeaseHint[], cause?: HintCause): Promise<void>;
  /** The leases of up to `max` slots in use, each time the next ones in a circle. */
  nextInFlight(max: number): Promise<readonly Claim[]>;
  /** Forgets hints of these claims and of earlier ones. */
  dropHints(claims: readonly Claim[]): Promise<void>;
  /** Takes out up to `max` hints that are due. */
  takeDueHints(max: number): Promise<readonly LeaseHint[]>;

  /**
   * Calls `listener` with organisations that limit something, and of which the index does not know what runs: it is new,
   * or has lost it. Until `setRunning` nothing is given out that a limit holds for.
   */
  onUnready(listener: (org: string) => void): void;
  /**
   * What runs of an organisation and what was given out within the longest period of its rates, as the record has it.
   * From here on its limits hold.
   */
  setRunning(org: string, running: readonly RunningTask[], starts: readonly RecentStart[]): Promise<void>;

  /** Where a task stands in the order, and who goes before it; `null`: it is in no lane. */
  place(task: TaskKey): Promise<LanePlace | null>;
  /** Why a task is not with an agent yet; `null`: it is in no lane. */
  whyWaiting(task: TaskKey): Promise<Waiting | null>;
  /** The connected agents of an org as they stand to what a task asks for. */
  candidates(query: CandidateQuery): Promise<CandidateSurvey>;

  /** Calls `listener` when `reserve` may have something to give. */
  onReady(listener: () => void): void;
  stats(): Promise<IndexStats>;
  /**
   * Sizes and movement of a part of an org's queue; `null`: of all orgs together.
   *
   * @param headStarts by which the scores were made
   * @param standBack what was taken off them because tasks take long. Default: nothing
   */
  queueSizes(
    org: string | null,
    part: QueuePart,
    headStarts: HeadStarts,
    standBack?: StandBack,
  ): Promise<QueueSizes>;
  /** The next `max` tasks of a part of an org's queue, in the order of the pop if all of them could go to an agent. */
  peekQueue(org: string, part: QueuePart, max: number): Promise<readonly PeekedTask[]>;
}

/** Why a task waits in its lane. Counts are of connected processes of agents. */
export interface Waiting {
  /**
   * Nobody is connected; nobody of them meets its requirements; those who do have no room;
   * they have room and are held back for now; a limit is full; others go before it; or who gets it is still to be chosen.
   */
  readonly why:
    | 'PAUSED'
    | 'NO_AGENT'
    | 'NO_ELIGIBLE_AGENT'
    | 'ALL_BUSY'
    | 'HELD_BACK'
    | 'LIMIT'
    | 'IN_TURN'
    | 'TO_CHOOSE';
  /** With LIMIT: which are full. Default: none. */
  readonly limits?: readonly FullLimit[];
  readonly connected: number;
  readonly eligible: number;
  /** Of the eligible: those with no free slot. The others may have one and ask for nothing now. */
  readonly full: number;
  /**
   * With NO_ELIGIBLE_AGENT: what stands against how many, the most frequent first. Each is
   * counted once, and of many only the first 1,000.
   */
  readonly against: readonly { readonly what: Ineligibility; readonly count: number }[];
}

export interface IndexStats {
  readonly queued: number;
  readonly delayed: number;
  readonly reserved: number;
  readonly lanes: number;
  readonly parkedLanes: number;
  readonly perTier: Readonly<Record<Tier, number>>;
  readonly instances: number;
  readonly inFlight: number;
}
