import { authenticateOpen } from './api/access/authenticate-open.js';
import { createSharedFeed } from './api/feeds/shared-feed.js';
import { type Coordinator, type IndexParts, startCoordinator } from './coordinator.js';
import { ReeveError } from './domain/errors.js';
import { openDoors } from './doors.js';
import type { MemoryIndexOptions } from './memory/ready-index.js';
import { bringUpToDate } from './migrate-record.js';
import type { Log } from './ports/log.js';
import { adoptChanges, createChangeLog } from './postgres/changes/change-log.js';
import { createLeadership } from './postgres/leader/leadership.js';
import { watchOutages } from './postgres/outage-watch.js';
import type { RedisClient } from './redis/client.js';
import { createRedisDeadlines } from './redis/deadlines.js';
import { RedisIndex } from './redis/ready-index.js';
import { createRedisRelay } from './redis/relay.js';
import { createEvery } from './services.js';
import type { Settings } from './settings/table.js';
import { openAside, openIndexStore, openRecord, requireUrls } from './stores.js';
import { systemClock } from './system/clock.js';
import { systemIds } from './system/id-source.js';
import type { Patience } from './wait-for-store.js';

/** How long changes are kept for watches that come back. */
const CHANGES_KEPT_MS = 1_800_000;

/** One coordinator of a fleet. */
export interface FleetCoordinator extends Coordinator {
  /** Tells it from the others of the fleet; new with every start. */
  readonly coordinatorId: string;
}

export interface ServeOptions {
  readonly settings: Settings;
  readonly log: Log;
  /** Of the program. */
  readonly version: string;
  /** Tells people, a line each. */
  readonly say: (line: string) => void;
}

/**
 * Starts one coordinator of a fleet: waits for Postgres and Redis, and refuses what it cannot work with.
 *
 * @throws SettingsError, FAILED_PRECONDITION, UNAVAILABLE, RESOURCE_EXHAUSTED; the reason names the
 *   cause, and nothing is open then
 */
export async function startServe({ settings, log, version, say }: ServeOptions): Promise<FleetCoordinator> {
  requireAuthentication(settings);
  requireUrls(settings);
  const clock = systemClock;
  const patience: Patience = { clock, until: clock.monotonic() + settings.storeWaitMs, say };
  const db = await openRecord(settings, log, patience);
  const redis = await openBeside(db, async () => {
    await bringUpToDate(db, settings);
    return openIndexStore(settings, log, patience);
  });
  const coordinatorId = systemIds.uuid();
  // Agents prolong their leases four times in the time of one.
  const watch = watchOutages(db, { clock, log, settleMs: settings.leaseTtlMs / 2 });
  await adoptChanges(watch.db);
  const changes = createChangeLog(watch.db);
  const feed = createSharedFeed({ changes, clock, log });
  // Under load a leader must still renew in time.
  const aside = openAside(settings, log);
  const relay = createRedisRelay({ redis, coordinatorId, log });
  await relay.start();
  const coordinator = await startCoordinator({
    settings,
    log,
    version,
    mode: 'fleet',
    db: watch.db,
    outages: watch.outages,
    authenticate: authenticateOpen,
    createIndex: (needs) => createIndex(redis, coordinatorId, needs),
    relay,
    feed,
    feedLagMs: () => feed.lagMs,
    leadership: createLeadership(aside),
    coordinatorId,
    services: (ports) => {
      const every = createEvery(ports);
      return [
        every(1_000, 'outage-watch', () => watch.probe()),
        every(5_000, 'changes', () => changes.forgetChanges(CHANGES_KEPT_MS)),
      ];
    },
    openDoors: (contents) => openDoors({ ...contents, settings, log, moving: null }),
    async close() {
      await relay.stop();
      await redis.close();
      await aside.close();
      await db.close();
    },
  });
  return { ...coordinator, coordinatorId };
}

/** What is next and who is free. */
async function createIndex(
  client: RedisClient,
  coordinatorId: string,
  needs: MemoryIndexOptions,
): Promise<IndexParts> {
  const index = new RedisIndex({ ...needs, client, coordinatorId });
  const isEmpty = await index.start();
  return {
    index,
    isEmpty,
    deadlines: createRedisDeadlines(index.orgs),
    stop: () => index.stop(),
    onLost: (listener) => index.onLost(listener),
    onCondition: (listener) => index.onCondition(listener),
  };
}

/** Opens something further; what is open already is closed if that fails. */
async function openBeside<T>(opened: { close(): Promise<void> }, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** @throws FAILED_PRECONDITION (AUTHENTICATION_MISSING), unless somebody said that there need be none */
function requireAuthentication({ insecureOpen }: Settings): void {
  if (insecureOpen) return;
  throw new ReeveError(
    'FAILED_PRECONDITION',
    'AUTHENTICATION_MISSING',
    'no authentication is set up: whoever reaches the ports could do everything in every organisation',
  );
}
