import { randomUUID } from 'node:crypto';
import { type Agent, agent, type Client, createClient, ReeveError } from '@reeve/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FleetProcess, startFleet } from '../support/fleet-process.js';
import { type FaultProxy, startFaultProxyFor } from '../support/servers/fault-proxy.js';

/** Half of it is for agents to renew theirs in once the record is back, on a busy machine too. */
const LEASE_MS = 8_000;

let fleet: FleetProcess;
let proxy: FaultProxy;
let clients: readonly Client[];
const agents: Agent[] = [];
beforeAll(async () => {
  fleet = await startFleet({
    args: ['--lease-ttl', `${LEASE_MS}ms`],
    async through(urls) {
      proxy = await startFaultProxyFor(urls.postgresUrl);
      return { ...urls, postgresUrl: proxy.through(urls.postgresUrl) };
    },
  });
  clients = fleet.addresses.map((address) => createClient({ address }));
});
afterAll(async () => {
  for (const one of agents) await one.stop({ graceMs: 0 });
  for (const client of clients) client.close();
  await fleet.stop();
  await proxy.close();
});

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** The record is away until what is returned brings it back. */
const OUTAGES: Record<string, () => Promise<() => Promise<void>>> = {
  'Postgres stops at once': async () => {
    await fleet.postgres.crash();
    return () => fleet.postgres.restart();
  },
  'Postgres hangs': async () => {
    proxy.set('hold');
    return async () => proxy.set('pass');
  },
};

test.each(Object.keys(OUTAGES))(
  '%s: what runs lives on, what was done is recorded, the rest goes on',
  async (name) => {
    const kind = `work-${Object.keys(OUTAGES).indexOf(name)}`;
    let begun = 0;
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    for (const [i, address] of fleet.addresses.entries()) {
      const one = agent({ address, agentId: `${kind}-${i}`, slots: 4, log: quiet });
      one.handle<{ long: boolean }>(kind, async ({ long }) => {
        begun += 1;
        await (long ? released : sleep(10));
        return 'done';
      });
      agents.push(one);
      await one.start();
    }
    /** The client tries for some seconds by itself; then it is for its caller to go on, by the same name. */
    const submit = async (i: number, long: boolean, requestId = randomUUID()): Promise<string> => {
      const client = clients[i % clients.length] as Client;
      try {
        return (await client.submit({ kind, input: { long }, requestId })).taskId;
      } catch (error) {
        if (error instanceof ReeveError && error.code === 'UNAVAILABLE') return submit(i, long, requestId);
        throw error;
      }
    };
    const long = await Promise.all([0, 1, 2].map((i) => submit(i, true)));
    await expect.poll(() => begun, { timeout: 20_000 }).toBe(3);

    const end = await OUTAGES[name]?.();
    // Two leases long; submissions are repeated until the record is back.
    const during = Array.from({ length: 10 }, (_, i) => submit(i, false));
    await sleep(2 * LEASE_MS);
    await end?.();
    const short = await Promise.all(during);
    release();
    for (const taskId of [...long, ...short])
      await expect
        .poll(async () => (await clients[0]?.get(taskId))?.state, { timeout: 30_000 })
        .toBe('SUCCEEDED');
    // No lease was lost meanwhile.
    for (const taskId of long) expect(await clients[1]?.get(taskId)).toMatchObject({ epoch: 1 });
    for (const { exited } of fleet.coordinators)
      expect(await Promise.race([exited, Promise.resolve('running')])).toBe('running');
  },
  90_000,
);
