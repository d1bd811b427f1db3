import type { MigrationReport } from './cli/world.js';
import { ReeveError } from './domain/errors.js';
import { migrateRecord } from './migrate-record.js';
import type { Settings } from './settings/table.js';
import { startFailure } from './start-failure.js';
import { systemClock } from './system/clock.js';
import { createLog } from './telemetry/log.js';

/** What `reeve migrate` does; what it waits for goes to `say`, a line each. */
export async function runMigration(
  settings: Settings,
  plan: boolean,
  say: (line: string) => void,
): Promise<MigrationReport> {
  const log = createLog({ level: settings.logLevel });
  const patience = { clock: systemClock, until: systemClock.monotonic() + settings.storeWaitMs, say };
  try {
    return await migrateRecord({ settings, log, patience, plan });
  } catch (error) {
    throw error instanceof ReeveError ? startFailure(error, 'migrate') : error;
  }
}
