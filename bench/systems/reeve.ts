import { createClient } from '@reeve/sdk';
import pg from 'pg';
import { type ServeProcess, startServe } from '../../test/support/serve-process.js';
import type { Rig, System } from '../rig.js';
import { openPostgres, openRedisStore } from '../stores.js';
import { profiling } from './profiling.js';
import { type ReeveOptions, reeveRig } from './reeve-rig.js';

/** One `reeve serve` with the settings that ship, on a Postgres and a Redis. */
export function reeve(options: ReeveOptions): System {
  return { name: 'reeve', open: (workers) => open(options, workers) };
}

/** Two of them on the same stores: agents dial each in turn, the client the first. */
export function reeveTwo(options: ReeveOptions): System {
  return { name: 'reeve-two', open: (workers) => open(options, workers, 2) };
}

/** One whose organisation has policies in CEL for approval and priority, which every task is put before. */
export function reevePolicies(options: ReeveOptions): System {
  return {
    name: 'reeve-policies',
    async open(workers) {
      const rig = await open(options, workers);
      const client = createClient({ address: rig.address });
      try {
        for (const [kind, cel] of Object.entries(POLICIES)) {
          const policyId = kind.toLowerCase();
          await client.policies.put({ policyId, kind: kind as keyof typeof POLICIES, cel });
          await client.config.set(`${policyId}_policy`, policyId);
        }
      } finally {
        client.close();
      }
      return rig;
    },
  };
}

/** One whose organisation limits what runs, over all and by tenant; its tenants take turns. Nothing is ever full. */
export function reeveLimits(options: ReeveOptions): System {
  return {
    name: 'reeve-limits',
    async open(workers) {
      const rig = await open({ ...options, tenants: TENANTS }, workers);
      const client = createClient({ address: rig.address });
      try {
        await client.config.set('max_concurrent', 100_000);
        await client.config.set('limits', {
          api: { max_concurrent: 100_000 },
          'tenant/*': { max_concurrent: 100_000 },
        });
      } finally {
        client.close();
      }
      return rig;
    },
  };
}

const TENANTS = 10;

/** What organisations may write: a few fields, a label, arithmetic. */
const POLICIES = {
  APPROVAL:
    "task.source == 'HUMAN' || task.kind.size() < 100 && !('blocked' in task.labels) ? {'accepted': true} : {'accepted': false, 'reason': 'not in this organisation'}",
  PRIORITY: "{'priority': task.tier == 'HIGH' ? 600 : 400 + task.impact / 10}",
} as const;

/** One whose coordinator can be killed and comes back. */
export interface RestartableRig extends Rig {
  /** Kills the coordinator and empties Redis. */
  crash(): Promise<void>;
  /** Resolves when it serves. */
  restart(): Promise<void>;
}

export const openRestartable = (options: ReeveOptions): Promise<RestartableRig> => open(options, 0);

async function open(options: ReeveOptions, workers: number, count = 1): Promise<RestartableRig> {
  const { profile } = options;
  const [postgres, redis] = [await openPostgres(profile !== undefined), await openRedisStore(false)];
  const stopStores = () => Promise.all([postgres.stop(), redis.stop()]);
  const start = () =>
    startServe({
      postgresUrl: postgres.url,
      redisUrl: redis.url,
      args: ['--migrate-at-start'],
      env: profiling(profile, 'coordinator'),
    }).catch(async (error) => {
      await stopStores();
      throw error;
    });
  const coordinator = await start();
  const others: ServeProcess[] = [];
  while (others.length < count - 1) others.push(await start());
  const all = [coordinator, ...others];
  const sql = new pg.Client({ connectionString: postgres.url });
  await sql.connect();
  const served = {
    addresses: [coordinator.address, ...others.map(({ address }) => address)] as const,
    get pids() {
      return all.map(({ pid }) => pid);
    },
    stores: [postgres, redis],
    durability: 'fsync, synchronous_commit = on: a power cut loses nothing (Redis is an index only)',
    settings: { coordinators: count, postgres: postgres.settings, redis: redis.settings },
    async isBusy() {
      const { rows } = await sql.query('SELECT 1 FROM task WHERE open LIMIT 1');
      return rows.length > 0;
    },
    release: async () => postgres.url,
    async stop() {
      await sql.end();
      await Promise.all(all.map((one) => one.stop()));
      if (profile !== undefined) await Promise.all([postgres.profile(profile), redis.profile(profile)]);
      await stopStores();
    },
  };
  const rig = await reeveRig(served, options, workers);
  return Object.assign(rig, {
    async crash() {
      await coordinator.kill();
      await redis.empty();
    },
    restart: () => coordinator.restart(),
  });
}
