import { createClient } from '@reeve/sdk';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type FleetProcess, startFleet } from '../support/fleet-process.js';
import { expectedOf, teach, timedAgent, untilKnown } from '../support/timed-tasks.js';

/** Processes, each with a start. */
const TIMEOUT_MS = 120_000;
const ORG = 'acme';

let fleet: FleetProcess;
beforeAll(async () => {
  fleet = await startFleet();
}, TIMEOUT_MS);
afterAll(() => fleet.stop());

const clientOf = (address: string) => {
  const client = createClient({ address, org: ORG });
  onTestFinished(() => client.close());
  return client;
};

test(
  'coordinators learn together what each saw too little of, and one that joins knows it',
  async () => {
    const [a = '', b = ''] = fleet.addresses;
    const [clientA, clientB] = [clientOf(a), clientOf(b)];
    for (const [address, agentId] of [
      [a, 'at-a'],
      [b, 'at-b'],
    ] as const) {
      const it = await timedAgent({ address, org: ORG }, agentId, 10);
      onTestFinished(() => it.stop());
    }
    // Of each kind three by an agent of the one, three by an agent of the other.
    await Promise.all([teach(clientA, { agentId: 'at-a' }, 3), teach(clientA, { agentId: 'at-b' }, 3)]);
    const [byA, byB] = await Promise.all([untilKnown(clientA), untilKnown(clientB)]);
    expect(byA).toEqual(byB);
    expect(byA.long).toBeGreaterThan(byA.short + 300);

    const joined = clientOf((await fleet.add()).address);
    expect(await expectedOf(joined, 'long')).toBe(byA.long);
  },
  TIMEOUT_MS,
);
