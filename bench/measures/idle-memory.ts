import { setTimeout as sleep } from 'node:timers/promises';
import { startCoordinator } from '../../test/support/coordinator-process.js';
import { residentBytesOf } from '../processes.js';
import { startProgram } from '../program.js';

/** Agents that are connected before memory is compared: the first ones grow what all share. */
const SHARED = 100;

/**
 * Growth of a fresh `reeve dev` by idle agents, each on a connection and a Work stream of its own,
 * in KiB an agent. In a coordinator of its own: what a flood leaves behind would hide it.
 */
export async function kibPerIdleAgent(count: number): Promise<number> {
  const coordinator = await startCoordinator();
  const idle = await startProgram('many-agents', [coordinator.address, 'bench.idle', '3']);
  await idle.ask({ from: 0, to: SHARED });
  const before = await settledBytes(coordinator.pid);
  await idle.ask({ from: SHARED, to: SHARED + count });
  const after = await settledBytes(coordinator.pid);
  await idle.stop();
  await coordinator.stop();
  return (after - before) / 1024 / count;
}

/** The least of resident memory over three seconds: collections come and go. */
async function settledBytes(pid: number): Promise<number> {
  const seen: number[] = [];
  for (let n = 0; n < 12; n++) {
    await sleep(250);
    seen.push(residentBytesOf(pid));
  }
  return Math.min(...seen);
}
