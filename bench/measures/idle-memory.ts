import { setTimeout as sleep } from 'node:timers/promises';
import { startCoordinator } from '../../test/support/coordinator-process.js';
import { residentBytesOf } from '../processes.js';
import { type Program, startProgram } from '../program.js';

/** Agents that are connected before memory is compared: the first ones grow what all share. */
const SHARED = 100;
/** What one of fewer takes is lost in what a process grows by itself. */
const LEAST = 1_000;

/**
 * Growth of a fresh `reeve dev` by idle agents, each on a connection and a Work stream of its own,
 * in KiB an agent. In a coordinator of its own: what a flood leaves behind would hide it.
 */
export async function kibPerIdleAgent(count: number): Promise<number> {
  const coordinator = await startCoordinator();
  const idle = await startProgram('many-agents', [coordinator.address, 'bench.idle', '3']);
  const kib = await connectAndWeigh(coordinator.pid, idle, SHARED + count);
  await idle.stop();
  await coordinator.stop();
  if (kib === null) throw new Error('there are no agents to weigh');
  return kib;
}

/**
 * Connects agents of a `many-agents` program.
 *
 * @returns by how much each made a coordinator grow, in KiB; `null`: they are too few to tell
 */
export async function connectAndWeigh(pid: number, agents: Program, count: number): Promise<number | null> {
  if (count < LEAST) {
    await agents.ask({ from: 0, to: count });
    return null;
  }
  await agents.ask({ from: 0, to: SHARED });
  const before = await settledBytes(pid);
  await agents.ask({ from: SHARED, to: count });
  return ((await settledBytes(pid)) - before) / 1024 / (count - SHARED);
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
