import { authenticateOpen } from '../../src/api/access/authenticate-open.js';
import { createTaskFeed } from '../../src/api/feeds/task-feed.js';
import { type Coordinator, startCoordinator } from '../../src/coordinator.js';
import { openDoors } from '../../src/doors.js';
import { createDeadlines } from '../../src/memory/deadlines.js';
import { MemoryIndex } from '../../src/memory/ready-index.js';
import { ALWAYS_LEADER } from '../../src/ports/leadership.js';
import { NO_OUTAGES } from '../../src/ports/outages.js';
import { noRelay } from '../../src/ports/relay.js';
import { migrate } from '../../src/postgres/migrate.js';
import { type RawSettings, resolveSettings } from '../../src/settings/resolve-settings.js';
import { systemIds } from '../../src/system/id-source.js';
import type { Ports } from '../../src/usecases/ports.js';
import { openEmptyPglite, SILENT } from './pglite-record.js';

/** A coordinator whose ports a test has, to do by hand what the coordinator does by its own lights. */
export async function openWithPorts(
  flags: RawSettings = {},
): Promise<{ readonly coordinator: Coordinator; readonly ports: Ports }> {
  const { values: settings } = resolveSettings({ flags: { port: 0, 'http-port': 0, ...flags } });
  const db = await openEmptyPglite();
  await migrate(db);
  let ports: Ports | undefined;
  const coordinator = await startCoordinator({
    ...{ settings, log: SILENT, version: '0.0.0-test', mode: 'embedded', db },
    ...{ outages: NO_OUTAGES, authenticate: authenticateOpen, leadership: ALWAYS_LEADER },
    createIndex: (needs) => ({ index: new MemoryIndex(needs), deadlines: createDeadlines(needs) }),
    relay: noRelay(systemIds.uuid()),
    feed: createTaskFeed(systemIds.uuid()),
    coordinatorId: systemIds.uuid(),
    services(given) {
      ports = given;
      return [];
    },
    openDoors: (contents) => openDoors({ ...contents, settings, log: SILENT, moving: null }),
    close: () => db.close(),
  });
  if (!ports) throw new Error('the coordinator has no ports');
  return { coordinator, ports };
}
