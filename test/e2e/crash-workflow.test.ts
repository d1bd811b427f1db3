import { createClient } from '@reeve/sdk';
import { expect, onTestFinished, test } from 'vitest';
import { createBigWorkflow, expectedOf, resultsOf } from '../support/big-workflow.js';
import { readThroughSql } from '../support/checker-read.js';
import { startCoordinator } from '../support/coordinator-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** So short that what is lost is done again soon. */
const ARGS = ['--lease-ttl', '4s', '--accept-timeout', '1s', '--ping-interval', '1s', '--stop-grace', '2s'];
/** Tasks that have succeeded when everything is killed. */
const KILLED_AT = [100, 500] as const;
const START_MS = 120_000;

test('a workflow of 1,000 tasks outlives a coordinator killed again and again on the same data', async () => {
  const big = createBigWorkflow();
  const dataDir = temporaryFolder('crash');
  const start = (address?: string) =>
    startCoordinator({ dataDir, args: ARGS, timeoutMs: START_MS, ...(address && { address }) });
  let coordinator = await start();
  const { address } = coordinator;
  onTestFinished(async () => {
    coordinator.kill();
    await big.killAgents();
  });
  const client = createClient({ address, timeoutMs: 5_000 });
  big.startAgents([address, address]);
  const workflowId = await big.start(client);
  for (const at of KILLED_AT) {
    await big.reaches(client, workflowId, at);
    coordinator.kill();
    await Promise.all([coordinator.exited, big.killAgents()]);
    coordinator = await start(address);
    big.startAgents([address, address]);
  }
  expect((await big.ended(client, workflowId)).state).toBe('SUCCEEDED');
  expect(await resultsOf(client, workflowId)).toEqual(expectedOf());
  await big.killAgents();
  client.close();
  expect((await coordinator.stop()).code).toBe(0);
  expect(big.verdict(await readThroughSql(dataDir))).toEqual([]);
}, 400_000);
