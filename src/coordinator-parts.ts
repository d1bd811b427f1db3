import type { Authenticate } from './api/call.js';
import type { TaskFeed } from './api/feeds/task-feed.js';
import type { Condition } from './domain/agents/eligibility.js';
import type { DoorContents, Doors, MovedPort } from './doors.js';
import type { Service } from './maintenance/service.js';
import type { MatchingOptions } from './matching/matching-options.js';
import type { Deadlines } from './ports/deadlines.js';
import type { Leadership } from './ports/leadership.js';
import type { Log } from './ports/log.js';
import type { Outages } from './ports/outages.js';
import type { ReadyIndex } from './ports/ready-index.js';
import type { Relay } from './ports/relay.js';
import type { Database } from './postgres/database.js';
import type { Settings } from './settings/table.js';
import type { Ports } from './usecases/ports.js';

/** A coordinator that serves. */
export interface Coordinator {
  /** `host:port` of the gRPC door. */
  readonly address: string;
  /** `host:port` of the HTTP door; `null` if it is off. */
  readonly httpAddress: string | null;
  /** Doors whose port was taken. */
  readonly movedPorts: readonly MovedPort[];
  /** Goes by these from the next choice of an agent on. */
  apply(settings: Pick<Settings, 'loadBalancingStrategy'>): void;
  /** Stops in order, within the setting `stop-grace`. Safe to call twice. */
  stop(): Promise<void>;
}

/** The index and what is kept beside it. */
export interface IndexParts {
  readonly index: ReadyIndex;
  readonly deadlines: Deadlines;
  /** It had nothing when it was opened, and nobody else is about to fill it. Default false. */
  readonly isEmpty?: boolean;
  /** To be called in the end, when nothing is asked any more. */
  readonly stop?: () => Promise<void>;
  /** Calls `listener` when the index has lost what it had. */
  readonly onLost?: (listener: () => void) => void;
  /** Calls `listener` with what the index has of an agent, whenever a coordinator has written it. */
  readonly onCondition?: (listener: (org: string, agentId: string, condition: Condition) => void) => void;
}

/** What a coordinator is made of where one process alone and one of several differ. */
export interface CoordinatorParts {
  readonly settings: Settings;
  readonly log: Log;
  /** Of the program. */
  readonly version: string;
  readonly mode: 'embedded' | 'fleet';
  /** Whose schema is up to date. */
  readonly db: Database;
  /** Whether it answers. */
  readonly outages: Outages;
  readonly authenticate: Authenticate;
  readonly createIndex: (needs: MatchingOptions) => IndexParts | Promise<IndexParts>;
  /** To the other coordinators. */
  readonly relay: Relay;
  readonly feed: TaskFeed;
  /** How far the feed is behind; default: it never is. */
  readonly feedLagMs?: () => number;
  /** Who does what one coordinator does for all. */
  readonly leadership: Leadership;
  /** Its own name, new at each start. */
  readonly coordinatorId: string;
  /** Further ones, which begin first and end last. */
  readonly services?: (ports: Ports) => readonly Service[];
  readonly openDoors: (contents: DoorContents) => Promise<Doors>;
  /** Closes what the others of these parts have open; called once, in the end or after a start that failed. */
  readonly close: () => Promise<void>;
}
