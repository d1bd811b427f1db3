import { type Client, createClient, type ParameterUpdate } from '@reeve/sdk';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type FleetProcess, startFleet } from '../support/fleet-process.js';

/** What is answered is in force everywhere by then. */
const IN_FORCE_MS = 1_000;
/** Processes, each with a start. */
const TIMEOUT_MS = 120_000;

let fleet: FleetProcess;
let clients: readonly Client[];
beforeAll(async () => {
  fleet = await startFleet();
  clients = fleet.addresses.map((address) => createClient({ address }));
}, TIMEOUT_MS);
afterAll(async () => {
  for (const client of clients) client.close();
  await fleet.stop();
});

const at = (i: number): Client => {
  const client = clients[i];
  if (!client) throw new Error('there are two');
  return client;
};

/** The value in force on a coordinator: not what its record holds. */
async function inForce(client: Client, key: string): Promise<unknown> {
  const effective = await client.config.effective({ prefix: key });
  return effective.find((parameter) => parameter.key === key)?.value;
}

/** How long after the answer to a change it is in force on the other coordinator, in ms. */
async function spread(from: Client, to: Client, key: string, value: string): Promise<number> {
  await from.config.set(key, value);
  const began = performance.now();
  // At once where it was made.
  expect(await inForce(from, key)).toBe(value);
  while ((await inForce(to, key)) !== value) {
    if (performance.now() - began > 20_000) throw new Error('it is not in force');
  }
  return performance.now() - began;
}

/** Each change twice, one way and the other; the slowest. */
async function slowestOf(key: string): Promise<number> {
  let slowest = 0;
  for (let i = 0; i < 4; i++) {
    slowest = Math.max(slowest, await spread(at(i % 2), at((i + 1) % 2), key, `value ${i}`));
  }
  return slowest;
}

test(
  'a change is in force on both coordinators within a second, and a watch on the other tells of it',
  async () => {
    // Both know the organisation by now, as in a fleet that works.
    await Promise.all(clients.map((client) => inForce(client, 'acme/tone')));
    const stop = new AbortController();
    const told: ParameterUpdate[] = [];
    const watching = (async () => {
      for await (const update of at(1).config.watch({}, { signal: stop.signal })) told.push(update);
    })().catch(() => undefined);
    onTestFinished(async () => {
      stop.abort();
      await watching;
    });
    await expect.poll(() => told.length).toBe(1);
    await at(0).config.set('acme/watched', 1);
    await expect.poll(() => told[1]).toMatchObject({ type: 'SET', parameter: { key: 'acme/watched' } });
    expect(await slowestOf('acme/tone')).toBeLessThan(IN_FORCE_MS);
  },
  TIMEOUT_MS,
);

test(
  'so it is while messages between the coordinators are lost',
  async () => {
    const redis = new Redis(fleet.urls.redisUrl);
    onTestFinished(() => void redis.disconnect());
    // Who listens is cut off, and neither listens nor speaks on any channel from now on.
    await redis.call('ACL', 'SETUSER', 'default', 'resetchannels');
    onTestFinished(async () => {
      await redis.call('ACL', 'SETUSER', 'default', 'allchannels');
    });
    await expect(redis.publish('anything', 'at all')).rejects.toThrow('NOPERM');
    expect(await slowestOf('acme/tone')).toBeLessThan(IN_FORCE_MS);
  },
  TIMEOUT_MS,
);

test(
  'what was set before a coordinator started is in force there from the start',
  async () => {
    await at(0).config.set('acme/before', 'there');
    const added = await fleet.add();
    const client = createClient({ address: added.address });
    onTestFinished(() => client.close());
    expect(await inForce(client, 'acme/before')).toBe('there');
  },
  TIMEOUT_MS,
);
