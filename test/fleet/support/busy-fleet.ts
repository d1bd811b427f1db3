import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Agent, agent, type Client, createClient, ReeveError } from '@reeve/sdk';
import { Redis } from 'ioredis';
import pg from 'pg';
import { readThroughSql } from '../../support/checker-read.js';
import { type FleetProcess, startFleet } from '../../support/fleet-process.js';
import type { ServeProcess } from '../../support/serve-process.js';
import { type Nginx, startNginx } from './nginx.js';

export const SLOTS = 4;
const AGENTS = 6;
/** Submissions a second, far below what the agents can do. */
const RATE = 60;
const CALL_MS = 5_000;
const nothing = () => undefined;
const QUIET = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** What one agent has done. */
export interface Worker {
  readonly agentId: string;
  /** When handlers began, on the clock of `performance.now()`. */
  readonly began: number[];
  /** Handlers that run now, and most that ever did at once. */
  running: number;
  mostRunning: number;
}

/** Two coordinators with the settings that ship, behind the nginx that ships, under a steady load. */
export interface BusyFleet extends FleetProcess {
  readonly coordinators: readonly [ServeProcess, ServeProcess];
  readonly nginx: Nginx;
  readonly client: Client;
  readonly workers: readonly Worker[];
  /** Waits until the balancer sends calls to a coordinator, again. */
  isAsked(coordinator: ServeProcess): Promise<void>;
  /** Submissions that were acknowledged so far. */
  acknowledged(): number;
  /** A task that runs until `release`; resolves when its handler has begun. */
  startLong(): Promise<string>;
  release(taskIds: readonly string[]): void;
  flushRedis(): Promise<void>;
  /** What the record has of a task, read from Postgres itself. */
  inRecord(taskId: string): Promise<{ state: string; epoch: number }>;
  /** Tasks that succeeded, by Postgres itself. */
  succeeded(): Promise<number>;
  /** The leases of the agent that has most of them now, by Postgres itself. */
  mostLeases(): Promise<readonly Lease[]>;
  /** Whether something was claimed so long ago and no agent has taken it. */
  hasUnaccepted(olderThanMs: number): Promise<boolean>;
  /** Ends the load, waits until all is done. @returns what is wrong with it */
  settle(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface Lease {
  readonly state: string;
  readonly claimedMsAgo: number;
}

/** The longest time between two beginnings of handlers, of any agent, from `from` to `to`; in ms. */
export function longestPause(workers: readonly Worker[], from: number, to: number): number {
  return Math.max(
    ...workers.map(({ began }) => {
      const times = [from, ...began.filter((at) => at > from && at < to), to];
      return Math.max(...times.slice(1).map((at, i) => at - (times[i] ?? at)));
    }),
  );
}

export async function openBusyFleet(): Promise<BusyFleet> {
  const fleet = await startFleet();
  const coordinators = fleet.coordinators as unknown as [ServeProcess, ServeProcess];
  const nginx = await startNginx(coordinators);
  const { address } = nginx;
  const sql = new pg.Pool({ connectionString: fleet.urls.postgresUrl, max: 2 });
  // Of a server that is stopped beneath it.
  sql.on('error', nothing);
  const client = createClient({ address, timeoutMs: CALL_MS });
  const longs = new Map<string, { begun: () => void; release: () => void; over: Promise<void> }>();
  const agents: Agent[] = [];
  const workers = Array.from({ length: AGENTS }, (_, i): Worker => {
    const worker = { agentId: `worker-${i}`, began: [] as number[], running: 0, mostRunning: 0 };
    const one = agent({ address, agentId: worker.agentId, slots: SLOTS, log: QUIET });
    const run = async (work: () => Promise<unknown>) => {
      worker.running += 1;
      worker.mostRunning = Math.max(worker.mostRunning, worker.running);
      await work();
      worker.running -= 1;
    };
    one.handle('short', () => {
      worker.began.push(performance.now());
      return run(() => pause(50));
    });
    one.handle<{ name: string }>('long', ({ name }) => {
      const long = longs.get(name);
      long?.begun();
      return run(() => long?.over ?? Promise.resolve());
    });
    agents.push(one);
    return worker;
  });
  await Promise.all(agents.map((one) => one.start()));

  /** By the same name until it is acknowledged. */
  async function submit(kind: string, input: unknown): Promise<string> {
    const requestId = randomUUID();
    for (;;) {
      try {
        return (await client.submit({ kind, input, requestId })).taskId;
      } catch (error) {
        if (!(error instanceof ReeveError) || !/^(UNAVAILABLE|DEADLINE_EXCEEDED)$/.test(error.code))
          throw error;
      }
    }
  }
  const ids: string[] = [];
  let loading = true;
  const load = (async () => {
    const open = new Set<Promise<void>>();
    for (let at = performance.now(); loading; at += 1_000 / RATE) {
      const one = submit('short', {}).then((id) => void ids.push(id));
      open.add(one);
      void one.finally(() => open.delete(one));
      await pause(Math.max(0, at - performance.now()));
    }
    await Promise.all(open);
  })();
  const byName = new Map<string, string>();

  return {
    ...fleet,
    ...{ coordinators, nginx, client, workers },
    async isAsked({ httpAddress }) {
      const asked = async () => {
        const text = await (await fetch(`http://${httpAddress}/metrics`)).text();
        return [...text.matchAll(/^reeve_calls_total\{.*BatchSubmitTasks.*\} (\d+)$/gm)].reduce(
          (sum, [, calls]) => sum + Number(calls),
          0,
        );
      };
      const before = await asked();
      while ((await asked()) === before) await pause(50);
    },
    acknowledged: () => ids.length,
    async startLong() {
      const name = randomUUID();
      let release: () => void = nothing;
      const over = new Promise<void>((resolve) => (release = resolve));
      const begun = new Promise<void>((resolve) => longs.set(name, { begun: resolve, release, over }));
      const id = await submit('long', { name });
      ids.push(id);
      byName.set(id, name);
      await begun;
      return id;
    },
    release(taskIds) {
      for (const id of taskIds) longs.get(byName.get(id) ?? '')?.release();
    },
    async flushRedis() {
      const redis = new Redis(fleet.urls.redisUrl);
      await redis.flushall();
      redis.disconnect();
    },
    async inRecord(taskId) {
      const { rows } = await sql.query('select state, epoch from task where id = $1', [taskId]);
      return { state: rows[0]?.state, epoch: Number(rows[0]?.epoch) };
    },
    async succeeded() {
      const { rows } = await sql.query("select count(*) as n from task where state = 'SUCCEEDED'");
      return Number(rows[0]?.n);
    },
    async mostLeases() {
      const { rows } = await sql.query<{ leases: Lease[] }>(
        `select json_agg(json_build_object('state', task.state, 'claimedMsAgo',
           round(extract(epoch from clock_timestamp() - event_time) * 1000))) as leases
         from task left join task_trail event
           on event.task_id = task.id and event.epoch = task.epoch and event.type = 'CLAIMED'
         where lease_expires_at is not null group by task.agent_id order by count(*) desc limit 1`,
      );
      return rows[0]?.leases ?? [];
    },
    async hasUnaccepted(olderThanMs) {
      const { rows } = await sql.query(
        `select from task join task_trail event on event.task_id = task.id and event.epoch = task.epoch
         where task.state = 'ASSIGNED' and event.type = 'CLAIMED'
           and event_time < clock_timestamp() - $1 * interval '1 ms' limit 1`,
        [olderThanMs],
      );
      return rows.length > 0;
    },
    async settle() {
      loading = false;
      await load;
      while (
        !(await sql.query("select from task where state <> 'SUCCEEDED' limit 1").then(isEmpty, () => false))
      )
        await pause(100);
      const { tasks, events } = await readThroughSql(fleet.urls.postgresUrl);
      const there = new Set(tasks.map(({ taskId }) => taskId));
      const ends = new Map<string, number>();
      for (const { taskId, state } of events)
        if (state === 'SUCCEEDED') ends.set(taskId, (ends.get(taskId) ?? 0) + 1);
      return [
        ...ids.filter((id) => !there.has(id)).map((id) => `${id} was acknowledged and is not there`),
        ...tasks
          .filter(({ taskId }) => !ids.includes(taskId))
          .map(({ taskId }) => `${taskId} is there twice`),
        ...[...ends].filter(([, n]) => n !== 1).map(([id, n]) => `${id} was accepted ${n} times`),
      ];
    },
    async close() {
      loading = false;
      // Of a load that nobody waits for any more.
      load.catch(nothing);
      await Promise.all(agents.map((one) => one.stop({ graceMs: 0 })));
      client.close();
      await sql.end();
      await nginx.stop();
      await fleet.stop();
    },
  };
}

const isEmpty = ({ rows }: pg.QueryResult): boolean => rows.length === 0;
