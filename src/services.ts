import { createDeadlineKeeper } from './maintenance/deadline-keeper.js';
import { createDelayedPromoter } from './maintenance/delayed-promoter.js';
import { createDispatcher } from './maintenance/dispatcher.js';
import { createLeaseReaper } from './maintenance/lease-reaper.js';
import { createReconciler } from './maintenance/reconciler.js';
import type { Service } from './maintenance/service.js';
import { createTicker } from './maintenance/ticker.js';
import type { OperationRecord } from './ports/operation-record.js';
import type { Database } from './postgres/database.js';
import { ensurePartitions } from './postgres/partitions.js';
import type { Ports } from './usecases/ports.js';

const HOUR_MS = 3_600_000;
/** How long operations are kept after their end. */
const OPERATIONS_KEPT_MS = 30 * 24 * HOUR_MS;
/** Days of partitions that are made ahead. */
const DAYS_AHEAD = 3;

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
  /** What each coordinator does for what it holds itself. */
  readonly own: readonly Service[];
  /** What one coordinator of an installation does for all; two that do it at once do no harm. */
  readonly shared: readonly Service[];
}

export interface ServicesOptions {
  readonly ports: Ports;
  readonly db: Database;
  readonly operations: OperationRecord;
  readonly operationRunner: Service;
  readonly fleet: { sweep(): void; flush(): Promise<void> };
  /** How often each agent is looked at. */
  readonly sweepEveryMs: number;
}

export function createServices(options: ServicesOptions): Services {
  const { ports, db, operations, operationRunner, fleet, sweepEveryMs } = options;
  const { clock, record } = ports;
  const every = createEvery(ports);
  return {
    dispatcher: createDispatcher(ports),
    own: [
      createDeadlineKeeper(ports),
      every(sweepEveryMs, 'fleet-health', async () => fleet.sweep()),
      every(30_000, 'fleet-record', () => fleet.flush()),
    ],
    shared: [
      createReconciler(ports),
      createLeaseReaper(ports),
      createDelayedPromoter(ports),
      operationRunner,
      every(60_000, 'lease-requests', () => record.forgetLeaseRequests(HOUR_MS)),
      every(HOUR_MS, 'operations', () => operations.forgetOperations(OPERATIONS_KEPT_MS)),
      every(HOUR_MS, 'partitions', () => makePartitions(db, clock.now())),
    ],
  };
}

/** Those of today and of the days to come; to be awaited before anything is written. */
export function makePartitions(db: Database, now: number): Promise<void> {
  return ensurePartitions(db, now, DAYS_AHEAD);
}

/** Several services as one, which are started in this order and stopped in the opposite one. */
export function allTogether(services: readonly Service[]): Service {
  return {
    start() {
      for (const service of services) service.start();
    },
    async stop() {
      for (const service of [...services].reverse()) await service.stop();
    },
  };
}
