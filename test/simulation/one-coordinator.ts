import { createMemoryAgentRecord } from '../../src/memory/record/agent-record.js';
import { createMemoryTaskRecord } from '../../src/memory/record/task-record.js';
import { createWorld } from '../conformance/task-record-world.js';
import { Chance } from './chance.js';
import { Coordinator, EPOCH } from './coordinator.js';
import { EventQueue } from './event-queue.js';
import { CALM, Network } from './network.js';

/**
 * A coordinator that has started, on virtual time without faults.
 *
 * @param reconcileMs between two rounds over its record; `null`: one round is all
 */
export async function startCoordinator(reconcileMs: number | null = null) {
  const queue = new EventQueue();
  const clock = { now: () => EPOCH + Math.floor(queue.now) };
  const record = createMemoryTaskRecord(clock);
  const coordinator = new Coordinator({
    name: 'coordinator',
    network: new Network(queue, new Chance(1), CALM),
    record,
    agents: createMemoryAgentRecord(clock),
    skewMs: 0,
    reconcileMs,
    say() {},
    onError(error) {
      throw error;
    },
  });
  await Promise.all([coordinator.start(), queue.run(() => false, 100)]);
  const world = createWorld(record);
  return {
    queue,
    coordinator,
    world,
    principal: { org: world.org, subject: 'alice', roles: ['admin'] } as const,
  };
}
