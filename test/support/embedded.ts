import { type EmbeddedCoordinator, startEmbedded } from '../../src/embedded.js';
import { type RawSettings, resolveSettings } from '../../src/settings/resolve-settings.js';
import { createLog } from '../../src/telemetry/log.js';
import { temporaryFolder } from './temporary-folder.js';

/** An embedded coordinator inside the test's own process, on a folder of its own. */
export async function openEmbedded(flags: RawSettings = {}): Promise<EmbeddedCoordinator> {
  const { values } = resolveSettings({
    flags: { data: temporaryFolder('embedded'), port: 0, 'http-port': 0, ...flags },
  });
  return startEmbedded(values, createLog({ level: 'error' }), '0.0.0-test');
}
