import { authenticateOpen } from './api/access/authenticate-open.js';
import { createTaskFeed } from './api/feeds/task-feed.js';
import { type Coordinator, startCoordinator } from './coordinator.js';
import { openDoors } from './doors.js';
import { createDeadlines } from './memory/deadlines.js';
import { MemoryIndex } from './memory/ready-index.js';
import { ALWAYS_LEADER } from './ports/leadership.js';
import type { Log } from './ports/log.js';
import { NO_OUTAGES } from './ports/outages.js';
import { noRelay } from './ports/relay.js';
import { forgoChanges } from './postgres/changes/change-log.js';
import { openDataFolder } from './postgres/data-folder/data-folder.js';
import { openPglite } from './postgres/drivers/pglite.js';
import { createUpkeep } from './postgres/drivers/upkeep.js';
import { migrate } from './postgres/migrate.js';
import { createEvery } from './services.js';
import type { Settings } from './settings/table.js';
import { systemIds } from './system/id-source.js';

/** A coordinator with everything in one process and one folder. */
export interface EmbeddedCoordinator extends Coordinator {
  /** Absolute. */
  readonly dataDir: string;
  /** Resolves with the cause if the coordinator cannot go on. */
  readonly lost: Promise<Error>;
}

/**
 * Starts a coordinator with everything in one process and one folder.
 *
 * @param given settings that somebody has set: ports that are not among them are those which the
 *   folder remembers, and what takes the place of a taken one is remembered. Default: both ports
 */
export async function startEmbedded(
  settings: Settings,
  log: Log,
  version: string,
  given: ReadonlySet<keyof Settings> = new Set(['port', 'httpPort']),
): Promise<EmbeddedCoordinator> {
  let lose: (error: Error) => void = () => undefined;
  const lost = new Promise<Error>((resolve) => {
    lose = resolve;
  });
  const folder = await openDataFolder({ dir: settings.data, log, version, migrate });
  const db = await openPglite({ dir: folder.pgDir, log, onLost: (error) => lose(error) });
  await migrate(db);
  await forgoChanges(db);
  const upkeep = createUpkeep(db);
  const coordinator = await startCoordinator({
    settings,
    log,
    version,
    mode: 'embedded',
    db,
    outages: NO_OUTAGES,
    authenticate: authenticateOpen,
    createIndex: (needs) => ({ index: new MemoryIndex(needs), deadlines: createDeadlines(needs) }),
    relay: noRelay(systemIds.uuid()),
    feed: createTaskFeed(systemIds.uuid()),
    leadership: ALWAYS_LEADER,
    coordinatorId: systemIds.uuid(),
    services: (ports) => [createEvery(ports)(1_000, 'upkeep', () => upkeep.runIfDue())],
    openDoors: (contents) => openDoors({ ...contents, settings, log, moving: { given, memory: folder } }),
    async close() {
      await db.close();
      await folder.release();
    },
  });
  folder.announce(coordinator.address);
  return { ...coordinator, dataDir: folder.dir, lost };
}
