import { authenticateOpen } from './api/access/authenticate-open.js';
import { createTaskFeed } from './api/feeds/task-feed.js';
import { type Coordinator, startCoordinator } from './coordinator.js';
import { ReeveError } from './domain/errors.js';
import { openDoors } from './doors.js';
import { MemoryFleet } from './memory/fleet.js';
import { MemoryIndex, type MemoryIndexOptions } from './memory/ready-index.js';
import { bringUpToDate } from './migrate-record.js';
import type { Log } from './ports/log.js';
import type { ReadyIndex } from './ports/ready-index.js';
import type { RedisClient } from './redis/client.js';
import { allTogether } from './services.js';
import type { Settings } from './settings/table.js';
import { openIndexStore, openRecord, requireUrls } from './stores.js';
import { systemClock } from './system/clock.js';
import { systemIds } from './system/id-source.js';
import type { Patience } from './wait-for-store.js';

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
  const coordinator = await startCoordinator({
    settings,
    log,
    version,
    mode: 'fleet',
    db,
    authenticate: authenticateOpen,
    createIndex: (needs) => createIndex(redis, coordinatorId, needs),
    createFleet: (needs) => new MemoryFleet(needs),
    feed: createTaskFeed(systemIds.uuid()),
    lead: allTogether,
    openDoors: (contents) => openDoors({ ...contents, settings, log, moving: null }),
    async close() {
      await redis.close();
      await db.close();
    },
  });
  return { ...coordinator, coordinatorId };
}

/** What is next and who is free. */
function createIndex(_redis: RedisClient, _coordinatorId: string, needs: MemoryIndexOptions): ReadyIndex {
  return new MemoryIndex(needs);
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
