import { agent, createClient } from '@reeve/sdk';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type FleetProcess, startFleet } from '../support/fleet-process.js';

const TIMEOUT_MS = 120_000;
/** Within this all coordinators go by a change. */
const IN_FORCE_MS = 1_000;
const KIND = 'review';
const SOON = { timeoutMs: 20_000 };

let fleet: FleetProcess;
beforeAll(async () => {
  fleet = await startFleet();
}, TIMEOUT_MS);
afterAll(() => fleet.stop());

function setup(org: string) {
  const clients = [0, 1].map((at) => createClient({ address: fleet.addresses[at] ?? '', org }));
  const [one, other] = clients;
  if (!one || !other) throw new Error('there are two');
  onTestFinished(() => {
    for (const client of clients) client.close();
  });
  return {
    one,
    other,
    /** An agent that counts how often each was chosen. */
    async start(agentId: string, at: number) {
      const worker = agent({ agentId, address: fleet.addresses[at] ?? '', org, slots: 4 });
      worker.handle(KIND, async () => agentId);
      await worker.start();
      onTestFinished(() => worker.stop({ graceMs: 0 }));
    },
    submit: (client = one) => client.submit({ kind: KIND, input: 1, requirements: { roles: ['reviewer'] } }),
  };
}

test('who holds a role gets the task, whichever coordinator was told and whichever the agent dialled', async () => {
  const { one, other, start, submit } = setup('roles-a');
  await start('ann', 0);
  await start('bob', 1);
  const waiting = [await submit(one), await submit(other)];
  await one.roles.put({ roleId: 'reviewer' });
  await one.subjects.put({ subjectId: 'bob', roleIds: ['reviewer'] });
  for (const task of waiting) expect(await task.wait(SOON)).toBe('bob');

  await other.subjects.put({ subjectId: 'bob' });
  await other.subjects.put({ subjectId: 'ann', roleIds: ['reviewer'] });
  const began = performance.now();
  let lastOfBob = 0;
  for (let ofAnn = 0, i = 0; ofAnn < 10; i += 1) {
    const at = performance.now() - began;
    const taker = await (await submit(i % 2 ? one : other)).wait(SOON);
    if (taker === 'ann') ofAnn += 1;
    else [ofAnn, lastOfBob] = [0, at];
  }
  // Nothing that was submitted a second after the answer goes by what was before.
  expect(lastOfBob).toBeLessThan(IN_FORCE_MS);
});
