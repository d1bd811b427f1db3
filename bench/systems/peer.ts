import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { type Program, startFile } from '../program.js';
import type { ReadBack } from '../read-back.js';
import type { Rig, System } from '../rig.js';
import { openPostgres, openRedisStore } from '../stores.js';

/** From `dist/bench/`: a package of its own, which is installed when it is first wanted. */
const PEERS = fileURLToPath(new URL('../../bench/peers/', import.meta.url));

export const PEERS_BY_STORE = {
  bullmq: 'redis',
  'graphile-worker': 'postgres',
  'pg-boss': 'postgres',
} as const;
export type PeerName = keyof typeof PEERS_BY_STORE;
export type Variant = 'tuned' | 'default';

export interface PeerOptions {
  readonly peer: PeerName;
  readonly variant: Variant;
  readonly payloadBytes: number;
}

interface Prepared {
  readonly version: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly mostPerSecond: number | null;
}

const DURABILITY = {
  postgres: 'fsync, synchronous_commit = on: a power cut loses nothing',
  redis: 'appendfsync always: a power cut loses nothing',
} as const;

/** A queue that people would take instead, with a client and workers on its own library. */
export function peer({ peer, variant, payloadBytes }: PeerOptions): System {
  return {
    name: variant === 'tuned' ? peer : `${peer}-default`,
    async open(workers): Promise<Rig> {
      install();
      const store = PEERS_BY_STORE[peer] === 'redis' ? await openRedisStore(true) : await openPostgres();
      const start = (name: string, ...args: string[]) =>
        startFile(`${peer} ${name}`, path.join(PEERS, 'programs', `${name}.js`), [peer, ...args]);
      const preparing = await start('prepare', variant, store.url);
      const { version, settings, mostPerSecond } = await preparing.ask<Prepared>({});
      await preparing.stop();
      const ackedFile = path.join(temporaryFolder('bench'), 'acked');
      writeFileSync(ackedFile, '');
      const client = await start('client', variant, store.url, String(payloadBytes), ackedFile);
      const all: Program[] = [];
      const addWorkers = async (count: number) => {
        for (let n = 0; n < count; n++) all.push(await start('worker', variant, store.url));
      };
      await addWorkers(workers);
      const endPrograms = () => Promise.all([client, ...all].map((program) => program.stop()));
      return {
        version,
        address: '',
        durability: DURABILITY[store.name],
        settings: { ...settings, [store.name]: store.settings },
        mostPerSecond,
        client,
        workers: all,
        stores: [store],
        get parts() {
          const ofPrograms = { client: [client.pid], workers: all.map(({ pid }) => pid) };
          return { [store.name]: [store.pid], ...ofPrograms };
        },
        addWorkers,
        adopt: (worker) => void all.push(worker),
        async isBusy() {
          return (await client.ask<{ open: number }>({ do: 'open' })).open > 0;
        },
        async readBack() {
          await endPrograms();
          const reader = await start('read-back', store.url, ackedFile);
          const found = await reader.ask<ReadBack>({});
          await reader.stop();
          return found;
        },
        async stop() {
          await endPrograms();
          await store.stop();
        },
      };
    },
  };
}

function install(): void {
  if (existsSync(path.join(PEERS, 'node_modules'))) return;
  process.stderr.write('  getting the other systems: npm ci in bench/peers\n');
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status } = spawnSync('npm', args, { cwd: PEERS, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error('npm ci in bench/peers failed; Reeve alone: --systems reeve');
}
