import { setTimeout as pause } from 'node:timers/promises';
import { agent, createClient } from '@reeve/sdk';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type FleetProcess, startFleet } from '../support/fleet-process.js';
import { type Nginx, startNginx } from './support/nginx.js';

const TIMEOUT_MS = 180_000;
const API = 3;
const TASKS = 120;
const nothing = () => undefined;
const QUIET = { debug: nothing, info: nothing, warn: nothing, error: nothing };

let fleet: FleetProcess;
let nginx: Nginx;
beforeAll(async () => {
  fleet = await startFleet();
  const [one, other] = fleet.coordinators;
  if (!one || !other) throw new Error('there are two');
  nginx = await startNginx([one, other]);
}, TIMEOUT_MS);
afterAll(async () => {
  await nginx?.stop();
  await fleet?.stop();
});

/** How many of each key run now, and most that ever did, as agents see it. */
function counter() {
  const running = new Map<string, number>();
  const most = new Map<string, number>();
  let ended = 0;
  return {
    most: (key: string) => most.get(key) ?? 0,
    ended: () => ended,
    async run(key: string): Promise<void> {
      const now = (running.get(key) ?? 0) + 1;
      running.set(key, now);
      most.set(key, Math.max(now, most.get(key) ?? 0));
      await pause(50);
      running.set(key, (running.get(key) ?? 0) - 1);
      ended += 1;
    },
  };
}

test(
  'of a key no more tasks run at once than its limit, on all agents of both coordinators, while one is killed',
  async () => {
    const { address } = nginx;
    const client = createClient({ address });
    onTestFinished(() => client.close());
    await client.config.set('limits', { api: { max_concurrent: API }, 'customer/*': { max_concurrent: 1 } });
    const counts = counter();
    const agents = Array.from({ length: 6 }, (_, i) => {
      const one = agent({ address, agentId: `worker-${i}`, slots: 4, log: QUIET });
      one.handle<{ key: string }>('work', async ({ key }) => counts.run(key));
      return one;
    });
    onTestFinished(async () => void (await Promise.all(agents.map((one) => one.stop({ graceMs: 0 })))));
    await Promise.all(agents.map((one) => one.start()));

    const keyOf = (i: number) => (i % 2 === 0 ? 'api' : `customer/${i % 3}`);
    const tasks = await Promise.all(
      Array.from({ length: TASKS }, (_, i) => {
        const key = keyOf(i);
        return client.submit({ kind: 'work', input: { key }, limitKeys: [key], fairnessKey: `f${i % 4}` });
      }),
    );
    const free = await client.submit({ kind: 'work', input: { key: 'free' } });
    // Nothing waits behind full limits, or for what runs to be known.
    await free.wait({ timeoutMs: 60_000 });
    while (counts.ended() < TASKS / 4) await pause(20);
    await fleet.coordinators[1]?.kill();
    for (const task of tasks) await task.wait({ timeoutMs: 120_000 });

    expect(counts.most('api')).toBe(API);
    for (const customer of [0, 1, 2]) expect(counts.most(`customer/${customer}`)).toBe(1);
  },
  TIMEOUT_MS,
);
