import type { AgentSpec } from '../agents/agent.js';
import type { Condition } from '../agents/eligibility.js';
import type { Durations } from '../agents/track-record.js';
import type { FullLimit, TurnFacts } from '../limits/full-limit.js';
import type { QueuePart } from '../queues/queue-part.js';
import type { StrategyName } from '../selection/strategy-name.js';
import type { Requirements } from '../tasks/requirements.js';
import type { Band } from '../tasks/source.js';
import type { Tier } from '../tasks/tier.js';

/** Nothing is given out from a part of the queue. */
export interface NamedHold {
  readonly name: string;
  readonly part: QueuePart;
}

/** Tasks of one lane that go before a task. */
export interface LaneAhead {
  readonly requirements: Requirements;
  /** At most 100,000 are counted. */
  readonly count: number;
  readonly band: Band;
  /** The first of them, at most 100, in order. */
  readonly first: readonly { readonly taskId: string; readonly score: number }[];
  /** Names of the holds that cover it. */
  readonly holds: readonly string[];
  /** Whether somebody who is connected meets its requirements. */
  readonly isServed: boolean;
  /** Whether a connected agent gets these tasks while it has credit. */
  readonly goesTo: (agentId: string) => boolean;
  /** How long such tasks take; `null`: none has succeeded yet. */
  readonly durations: Durations | null;
}

/** Who would get which task, in order. */
export type Rehearsal = readonly { readonly taskId: string; readonly agentId: string }[];

/** Where a task that waits in a lane stands, as an index sees it. Times in ms since the epoch. */
export interface LanePlace {
  readonly score: number;
  readonly band: Band;
  readonly tier: Tier;
  readonly holds: readonly NamedHold[];
  /** Limits that have no room for it. Default: none. */
  readonly limits?: readonly FullLimit[];
  /** Where fairness keys take turns. Default: nowhere. */
  readonly turn?: TurnFacts | null;
  /** A task that is sent back so that it gets a slot. Default: none. */
  readonly victim?: string | null;
  /** Lanes in which tasks go before it, its own among them. */
  readonly ahead: readonly LaneAhead[];
  /** Agents that get it while they have credit. */
  readonly takers: ReadonlySet<string>;
  /** Had it last, and gets it only if no other is there, or after `until`; `null`: within seconds. */
  readonly avoid: { readonly agentId: string; readonly until: number | null } | null;
  /** Agents that failed such tasks, and until when they get none while others are there. */
  readonly heldUntil: ReadonlyMap<string, number>;
  /** The strategy in force, by what it compares, and the figure of each agent that may get the task. */
  readonly strategy: StrategyName;
  readonly measure: string;
  readonly figures: ReadonlyMap<string, number>;
  readonly durations: Durations | null;
  /** What the pop would do with the task and those of these lanes, less some; `null`: that is not known. */
  readonly rehearse: (lanes: readonly LaneAhead[], without: ReadonlySet<string>) => Rehearsal | null;
  /** The names of the holds that cover tasks of a kind and tier. */
  readonly holdsOf: (kind: string, tier: Tier) => readonly string[];
  /** Whether an agent that was like this would meet what tasks ask for. Of pools nothing is known. */
  readonly wouldMeet: (spec: AgentSpec, condition: Condition, requirements: Requirements) => boolean;
}
