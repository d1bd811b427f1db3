import { createClient } from '@reeve/sdk';
import { startCoordinator } from '../../test/support/coordinator-process.js';
import type { Rig, System } from '../rig.js';
import { profiling } from './profiling.js';
import { type ReeveOptions, reeveRig } from './reeve-rig.js';

const OPEN = ['QUEUED', 'SCHEDULED', 'ASSIGNED', 'RUNNING', 'CANCELLING'] as const;

/** `reeve dev`: a coordinator with its database in its own process. */
export function reeveDev(options: ReeveOptions): System {
  return {
    name: 'reeve embedded',
    async open(workers): Promise<Rig> {
      const coordinator = await startCoordinator({ env: profiling(options.profile, 'coordinator') });
      const { address, pid } = coordinator;
      const watcher = createClient({ address, timeoutMs: 60_000 });
      const served = {
        addresses: [address] as const,
        pids: [pid],
        stores: [],
        durability: 'kill -9 loses nothing acknowledged; a power cut can (no fsync)',
        settings: {},
        async isBusy() {
          for await (const _task of watcher.list({ states: [...OPEN], limit: 1 })) return true;
          return false;
        },
        async release() {
          await coordinator.stop();
          return coordinator.dataDir;
        },
        async stop() {
          watcher.close();
          await coordinator.stop();
        },
      };
      return reeveRig(served, options, workers);
    },
  };
}
