import type { DoctorReport } from './cli/world.js';
import { examine } from './doctor.js';
import type { Settings } from './settings/table.js';
import { systemClock } from './system/clock.js';
import { createLog } from './telemetry/log.js';

/** What `reeve doctor` does. */
export function runDoctor(settings: Settings): Promise<DoctorReport> {
  return examine({ settings, log: createLog({ level: settings.logLevel }), clock: systemClock });
}
