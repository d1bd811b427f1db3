import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { type Program, startProgram } from '../program.js';
import type { ReadBack } from '../read-back.js';
import type { Rig } from '../rig.js';
import type { Store } from '../stores.js';
import { profiling } from './profiling.js';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

export interface ReeveOptions {
  /** Tasks that an agent process takes at once. */
  readonly slots: number;
  readonly payloadBytes: number;
  /** Tasks name one of so many tenants, whose limit they count against and with whom they share a turn. Default: none. */
  readonly tenants?: number;
  /** Where CPU profiles of the coordinator, the client and the agents are written. */
  readonly profile: string | undefined;
}

/** One coordinator or several that serve. */
export interface Served {
  /** The client dials the first, agents each in turn. */
  readonly addresses: readonly [string, ...string[]];
  readonly pids: readonly number[];
  readonly stores: readonly Store[];
  readonly durability: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Whether its record has a task that is open. */
  isBusy(): Promise<boolean>;
  /** Makes the record readable for others. @returns where it is: the URL of a database, or a data folder */
  release(): Promise<string>;
  stop(): Promise<void>;
}

/** Coordinators with a client and agents on the SDK. */
export async function reeveRig(served: Served, options: ReeveOptions, workers: number): Promise<Rig> {
  const { addresses, stores, durability } = served;
  const [address] = addresses;
  const ackedFile = path.join(temporaryFolder('bench'), 'acked');
  writeFileSync(ackedFile, '');
  const start = (name: string, args: readonly string[]) =>
    startProgram(name, args, profiling(options.profile, name));
  const client = await start('client', [
    address,
    String(options.payloadBytes),
    ackedFile,
    String(options.tenants ?? 0),
  ]);
  const agents: Program[] = [];
  const addWorkers = async (count: number) => {
    for (let n = 0; n < count; n++) {
      const dialled = addresses[agents.length % addresses.length] ?? address;
      agents.push(await start('agent', [dialled, `bench-${agents.length}`, String(options.slots)]));
    }
  };
  await addWorkers(workers);
  const endPrograms = () => Promise.all([client, ...agents].map((program) => program.stop()));
  return {
    version,
    address,
    durability,
    settings: { ...served.settings, 'slots of an agent': options.slots },
    mostPerSecond: null,
    client,
    workers: agents,
    stores,
    get parts() {
      return {
        coordinator: served.pids,
        ...Object.fromEntries(stores.map((store) => [store.name, [store.pid]])),
        client: [client.pid],
        agents: agents.map((agent) => agent.pid),
      };
    },
    addWorkers,
    adopt: (worker) => void agents.push(worker),
    isBusy: () => served.isBusy(),
    async readBack() {
      await endPrograms();
      const reader = await startProgram('read-back', [await served.release(), ackedFile]);
      const found = await reader.ask<ReadBack>({});
      await reader.stop();
      return found;
    },
    async stop() {
      await endPrograms();
      await served.stop();
    },
  };
}
