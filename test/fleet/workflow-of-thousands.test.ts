import { createClient } from '@reeve/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBigWorkflow, expectedOf, resultsOf } from '../support/big-workflow.js';
import { readThroughSql } from '../support/checker-read.js';
import { type FleetProcess, startFleet } from '../support/fleet-process.js';

const ITEMS = 10_000;
/** So short that what is lost is done again soon. */
const ARGS = ['--lease-ttl', '4s', '--accept-timeout', '1s', '--ping-interval', '1s'];

/** In the middle of making them, 500 at a time. */
const DIES = { REEVE_FAILPOINTS: 'workflow.between-chunks=exit@9' };

let fleet: FleetProcess;
beforeAll(async () => {
  fleet = await startFleet({ coordinators: 1, args: ARGS, env: DIES });
  await fleet.add({ env: { REEVE_FAILPOINTS: '' } });
}, 120_000);
afterAll(() => fleet.stop());

test('one of two coordinators completes 10,000 tasks of a list that a task has found, and that the other has made in part', async () => {
  const big = createBigWorkflow(ITEMS);
  const [here = '', there = ''] = fleet.addresses;
  const [one, other] = [here, there].map((address) => createClient({ address, timeoutMs: 10_000 }));
  if (!one || !other) throw new Error('there are two');
  big.startAgents([here]);
  const workflowId = await big.start(one);
  await fleet.coordinators[0]?.exited;
  one.close();
  big.startAgents([there, there]);

  expect((await big.ended(other, workflowId)).state).toBe('SUCCEEDED');
  expect(await resultsOf(other, workflowId)).toEqual(expectedOf(ITEMS));
  await big.killAgents();
  other.close();
  // Each task is there once, has succeeded once, and did not run after that.
  expect(big.verdict(await readThroughSql(fleet.urls.postgresUrl))).toEqual([]);
}, 900_000);
