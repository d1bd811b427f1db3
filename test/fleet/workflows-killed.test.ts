import { createClient } from '@reeve/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBigWorkflow, expectedOf, resultsOf } from '../support/big-workflow.js';
import { readThroughSql } from '../support/checker-read.js';
import { type FleetProcess, startFleet } from '../support/fleet-process.js';

/** So short that what is lost is done again soon. */
const ARGS = ['--lease-ttl', '4s', '--accept-timeout', '1s', '--ping-interval', '1s'];
/** Tasks that have succeeded when everything is killed. */
const KILLED_AT = [200, 600] as const;

let fleet: FleetProcess;
beforeAll(async () => {
  fleet = await startFleet({ args: ARGS });
}, 120_000);
afterAll(() => fleet.stop());

test('a workflow of 1,000 tasks outlives the end of everything: coordinators, agents, Redis with all it has, Postgres', async () => {
  const big = createBigWorkflow();
  const { coordinators, addresses, redis, postgres } = fleet;
  const [here = '', there = ''] = addresses;
  const [one, other] = [here, there].map((address) => createClient({ address, timeoutMs: 5_000 }));
  if (!one || !other) throw new Error('there are two');
  big.startAgents(addresses);
  const workflowId = await big.start(one);
  for (const [round, at] of KILLED_AT.entries()) {
    await big.reaches(other, workflowId, at);
    await Promise.all([
      ...coordinators.map((coordinator) => coordinator.kill()),
      big.killAgents(),
      redis.crash(),
      ...(round === 1 ? [postgres.crash()] : []),
    ]);
    // It keeps nothing on disk.
    await redis.restart();
    if (round === 1) await postgres.restart();
    await Promise.all(coordinators.map((coordinator) => coordinator.restart()));
    big.startAgents(addresses);
  }
  expect((await big.ended(other, workflowId)).state).toBe('SUCCEEDED');
  expect(await resultsOf(one, workflowId)).toEqual(expectedOf());
  await big.killAgents();
  one.close();
  other.close();
  expect(big.verdict(await readThroughSql(fleet.urls.postgresUrl))).toEqual([]);
}, 400_000);
