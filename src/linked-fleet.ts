import { type AgentWatchers, createAgentWatchers } from './api/feeds/agent-watch.js';
import { LiveBidding } from './api/work/live-bidding.js';
import { RelayedSessions } from './api/work/relayed-sessions.js';
import { Sessions } from './api/work/sessions.js';
import type { WorkWorld } from './api/work/work-world.js';
import type { HealthRules } from './domain/agents/health.js';
import { MemoryFleet } from './memory/fleet.js';
import { Presence } from './memory/presence.js';
import { ProgressBoard } from './memory/progress-board.js';
import { RelayedProgress } from './memory/relayed-progress.js';
import type { AgentRecord } from './ports/agent-record.js';
import type { Bidding } from './ports/bidding.js';
import type { Clock } from './ports/clock.js';
import type { IdSource } from './ports/id-source.js';
import type { Log } from './ports/log.js';
import type { ReadyIndex } from './ports/ready-index.js';
import type { Relay } from './ports/relay.js';

export interface LinkedFleetOptions {
  readonly relay: Relay;
  readonly agents: AgentRecord;
  readonly index: Pick<ReadyIndex, 'setEligibility' | 'reportLoad'>;
  readonly clock: Clock;
  readonly ids: Pick<IdSource, 'uuid'>;
  readonly log: Log;
  readonly rules: HealthRules;
  /** Asked when a stream opens. */
  readonly world: () => WorkWorld;
  /** Told when another coordinator is first heard of, and when it is gone: ended, or silent for 5 s. */
  readonly onCoordinator?: (coordinatorId: string, isThere: boolean) => void;
  /** Told of bids that count for nothing, by what became of them. */
  readonly onBidRefused?: (outcome: string) => void;
  /** Told of tasks whose progress was noted, here or elsewhere. */
  readonly onProgress: (org: string, taskIds: readonly string[]) => void;
}

/** Agents, their sessions and what they report, of one coordinator among several. */
export interface LinkedFleet {
  readonly fleet: MemoryFleet;
  /** Those this coordinator holds. */
  readonly own: Sessions;
  /** Those of all, for use cases and the unary twins. */
  readonly sessions: RelayedSessions;
  readonly agentWatchers: AgentWatchers;
  /** Its parts of a `WorkWorld`. */
  readonly work: Pick<WorkWorld, 'progress' | 'onProgress' | 'onAgentChanged' | 'onBids'>;
  readonly bidding: Bidding;
  /** Begins to tell the others; `fleet.load` comes first. */
  start(): void;
  /** Tells them that it is over. */
  stop(): void;
}

/** Puts together what coordinators of one installation share of their agents. */
export function linkFleet(options: LinkedFleetOptions): LinkedFleet {
  const { relay, agents, index, clock, log, rules, world, onCoordinator, onProgress } = options;
  const own = new Sessions(world);
  const sessions = new RelayedSessions(own, relay);
  const presence: Presence = new Presence({
    relay,
    clock,
    ownOf: (org, agentId) => own.instancesOf(org, agentId),
    onInstances: (org, agentId) => agentWatchers.changed(org, agentId),
    fleet: () => fleet,
    onCoordinator(coordinatorId, isThere) {
      if (isThere) log.info({ coordinatorId }, 'another coordinator is there');
      else log.warn({ coordinatorId }, 'another coordinator is gone');
      onCoordinator?.(coordinatorId, isThere);
    },
    onFailure: (error) => log.warn({ err: error }, 'agents that were changed elsewhere could not be read'),
  });
  const fleet: MemoryFleet = new MemoryFleet({
    record: agents,
    clock,
    rules,
    instancesOf: (org, agentId) => presence.instancesOf(org, agentId),
    onCondition(org, agentId, health, intent) {
      index.setEligibility(org, agentId, health, intent).catch((error: unknown) => {
        log.debug({ err: error, agentId }, 'the index could not be told of an agent');
        fleet.untold(org, agentId);
      });
    },
    onLoad(org, agentId, load) {
      index.reportLoad(org, agentId, load).catch((error: unknown) => {
        log.debug({ err: error, agentId }, 'the index could not be told of a load');
      });
    },
    onChanged: (org, agentId) => agentWatchers.changed(org, agentId),
    elsewhere: presence,
  });
  const agentWatchers = createAgentWatchers({ fleet, clock });
  const bidding = new LiveBidding({
    ...{ clock, ids: options.ids, relay },
    askHere: (org, agentId, asked) => own.askForBids(org, agentId, asked),
    instancesOf: (org, agentId) => presence.instancesOf(org, agentId),
    onRefused: (outcome) => options.onBidRefused?.(outcome),
  });
  const progress = new RelayedProgress({ own: new ProgressBoard(clock), relay, clock, onProgress });

  return {
    fleet,
    own,
    sessions,
    agentWatchers,
    bidding,
    work: {
      progress,
      onBids: (org, agentId, bids) => bidding.received(org, agentId, bids),
      onProgress(org, taskIds) {
        progress.noted(org, taskIds);
        onProgress(org, taskIds);
      },
      onAgentChanged(org, agentId) {
        presence.changed(org, agentId);
        agentWatchers.changed(org, agentId);
      },
    },
    start: () => presence.start(),
    stop() {
      presence.stop();
      progress.stop();
    },
  };
}
