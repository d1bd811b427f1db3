import type { Operation } from './domain/operations/operation.js';
import { createBackground } from './maintenance/background.js';
import { createDispatcher } from './maintenance/dispatcher.js';
import { createPreemptor } from './maintenance/preemptor.js';
import type { RouteBook } from './maintenance/route-book.js';
import { createRouter } from './maintenance/router.js';
import { createRunningLoader } from './maintenance/running-loader.js';
import type { Service } from './maintenance/service.js';
import { createTicker } from './maintenance/ticker.js';
import type { WorkflowAdvancer } from './maintenance/workflow-advancer.js';
import type { Leadership } from './ports/leadership.js';
import type { OperationRecord } from './ports/operation-record.js';
import type { Database } from './postgres/database.js';
import { createLeaseClock } from './postgres/leader/lease-clock.js';
import { ensurePartitions } from './postgres/partitions.js';
import { createRetentionRecord } from './postgres/retention/retention-record.js';
import type { Settings } from './settings/table.js';
import type { Ports } from './usecases/ports.js';

/** Days of partitions that are made ahead. */
const DAYS_AHEAD = 3;
/** How soon what an organisation has set is in force on coordinators that were not told, in ms. */
const RULES_MS = 500;

/** Reservations that were made before hold no longer, in ms. */
const RESERVATIONS_LAPSE_MS = 5_000;

/** Runs something again and again. */
export type Every = (everyMs: number, name: string, run: () => Promise<unknown>) => Service;

export function createEvery({ clock, log }: Pick<Ports, 'clock' | 'log'>): Every {
  return (everyMs, name, run) => {
    const tick = async () => {
      await run();
      return false;
    };
    return createTicker({ name, clock, log, everyMs, tick });
  };
}

/** What runs by itself. */
export interface Services {
  /** Gives out work; the first to be stopped. */
  readonly dispatcher: Service;
  /** The others: what each coordinator does, and what it does for all while it leads. */
  readonly own: readonly Service[];
  /** To be told of operations that have begun or were cancelled here. */
  readonly operationChanged: (operation: Operation) => void;
  /** The index has lost what it had: to be filled again, fast, if this coordinator leads. */
  readonly hurry: () => void;
}

export interface ServicesOptions {
  readonly ports: Ports;
  /** The tasks whose agents are found by other means than load balancing. */
  readonly routes: RouteBook;
  readonly db: Database;
  readonly operations: OperationRecord;
  readonly leadership: Leadership;
  readonly coordinatorId: string;
  /** Others use the index too, and may have reserved tasks before it was lost. */
  readonly isIndexShared: boolean;
  /** The index was empty when it was opened. */
  readonly isIndexEmpty: boolean;
  /** Told of each step of an operation that runs here. */
  readonly onStep: (operation: Operation) => void;
  /** Drives workflows. */
  readonly workflows: WorkflowAdvancer;
  readonly fleet: { sweep(): void; flush(): Promise<void>; load(): Promise<void> };
  /** Sees what other coordinators have changed, should it not have been heard. */
  readonly orgRules: { look(): Promise<void> };
  /** How long tasks take: what is found here goes to the record, what others found comes from there. */
  readonly durations: { flush(): Promise<void>; look(): Promise<void> };
  /** Looks in the record which leases its sessions still have. */
  readonly checkLeases: () => Promise<void>;
  readonly settings: Pick<
    Settings,
    'pingIntervalMs' | 'leaseTtlMs' | 'taskRetentionMs' | 'requestIdRetentionMs'
  >;
}

export function createServices(options: ServicesOptions): Services {
  const {
    ports,
    routes,
    db,
    operations,
    leadership,
    coordinatorId,
    isIndexEmpty,
    isIndexShared,
    onStep,
    workflows,
    fleet,
    orgRules,
    durations,
    checkLeases,
    settings,
  } = options;
  const every = createEvery(ports);
  const background = createBackground({
    ports,
    operations,
    leadership,
    holder: coordinatorId,
    isIndexEmpty,
    leaseClock: createLeaseClock(db),
    retention: createRetentionRecord(db),
    tasksKeptMs: settings.taskRetentionMs,
    requestIdsKeptMs: settings.requestIdRetentionMs,
    makeRoom: () => makePartitions(db, ports.clock.now()),
    onStep,
    onWorkflowsDue: (keys) => workflows.wake(keys, { isDue: true }),
  });
  return {
    dispatcher: createDispatcher(ports),
    own: [
      // How often each agent is looked at.
      every(settings.pingIntervalMs, 'fleet-health', async () => fleet.sweep()),
      every(30_000, 'fleet-record', () => fleet.flush()),
      // What others changed is told at once; this is for what was not heard.
      every(30_000, 'fleet-reread', () => fleet.load()),
      every(RULES_MS, 'org-rules', () => orgRules.look()),
      every(5_000, 'durations', () => durations.flush()),
      every(30_000, 'durations-reread', () => durations.look()),
      every(settings.leaseTtlMs, 'held-leases', checkLeases),
      createRouter(ports, routes),
      createRunningLoader(ports, { settleMs: isIndexShared ? RESERVATIONS_LAPSE_MS : 0 }),
      createPreemptor(ports),
      workflows,
      ...background.services,
    ],
    operationChanged: background.operationChanged,
    hurry: background.hurry,
  };
}

/** Those of today and of the days to come; to be awaited before anything is written. */
export function makePartitions(db: Database, now: number): Promise<void> {
  return ensurePartitions(db, now, DAYS_AHEAD);
}
