import { createChecker } from '../../../src/api/constraints/checker.js';
import { toDomainAgentSpec } from '../../../src/api/mapping/agent.js';
import type { WorkWorld } from '../../../src/api/work/work-world.js';
import { DURATION_TERMS } from '../../../src/domain/order/duration-term.js';
import { leastConnections } from '../../../src/domain/selection/least-connections.js';
import { DEFAULT_RETRY } from '../../../src/domain/tasks/retry.js';
import { TIER_AGING } from '../../../src/domain/tasks/tier.js';
import { linkFleet } from '../../../src/linked-fleet.js';
import { createDeadlines } from '../../../src/memory/deadlines.js';
import type { MemoryFleet } from '../../../src/memory/fleet.js';
import { MemoryIndex } from '../../../src/memory/ready-index.js';
import { createMemoryAgentRecord } from '../../../src/memory/record/agent-record.js';
import { createMemoryTaskRecord } from '../../../src/memory/record/task-record.js';
import { createLocalRelays } from '../../../src/memory/relay.js';
import { NO_FAILPOINTS } from '../../../src/ports/failpoints.js';
import { NO_OUTAGES } from '../../../src/ports/outages.js';
import type { Relay } from '../../../src/ports/relay.js';
import { systemIds } from '../../../src/system/id-source.js';
import type { Ports } from '../../../src/usecases/ports.js';
import { createWorld } from '../../conformance/task-record-world.js';
import { FakeClock } from '../../support/fake-clock.js';
import { NO_POLICIES } from '../../support/no-policies.js';
import { SILENT } from '../../support/pglite-record.js';
import { openWorkProbe, turns } from './work-probe.js';

export const LEASE_MS = 60_000;
export const PING_MS = 15_000;

const checker = createChecker();

/**
 * Coordinators on one record, one index and one clock that stands still, without doors and
 * services of their own. Relays are inside the process unless a test brings others.
 */
export function createCoordinators(
  options: Partial<Pick<WorkWorld, 'streamAgeMs' | 'pingMs' | 'keepAliveMs'>> = {},
) {
  const clock = new FakeClock();
  const record = createMemoryTaskRecord(clock);
  const agents = createMemoryAgentRecord(clock);
  const world = createWorld(record);
  const { org } = world;
  const relayOf = createLocalRelays();
  /** What the index was told of agents' health and intent, by whom. */
  const conditions: string[] = [];
  const index = new MemoryIndex({
    clock,
    log: SILENT,
    random: () => 0.5,
    strategyOf: () => leastConnections,
    minHealth: 0.5,
    reportsLastMs: 45_000,
  });

  const fleets: MemoryFleet[] = [];

  function open<R extends Relay = ReturnType<typeof relayOf>>(
    name: string,
    relay: R = relayOf(name) as unknown as R,
  ) {
    const progressed: string[] = [];
    const coordinators: string[] = [];
    const link = linkFleet({
      relay,
      agents,
      index: {
        async setEligibility(of, agentId, health, intent) {
          conditions.push(`${name} ${agentId} ${health.toFixed(1)} ${intent}`);
          await index.setEligibility(of, agentId, health, intent);
          await Promise.all(fleets.map((fleet) => fleet.indexed(of, agentId, { health, intent })));
        },
        reportLoad: (of, agentId, load) => index.reportLoad(of, agentId, load),
      },
      clock,
      ids: systemIds,
      log: SILENT,
      rules: { intervalMs: PING_MS, windowIntervals: 10, staleAfterMs: 60_000 },
      world: () => work,
      onCoordinator: (id, isThere) => coordinators.push(`${id} ${isThere ? 'there' : 'gone'}`),
      onProgress: (_org, taskIds) => progressed.push(...taskIds),
    });
    fleets.push(link.fleet);
    const ports: Ports = {
      record,
      index,
      outages: NO_OUTAGES,
      deadlines: createDeadlines({ clock }),
      fleet: link.fleet,
      sessions: link.sessions,
      changes: { publish() {} },
      clock,
      ids: systemIds,
      log: SILENT,
      failpoints: NO_FAILPOINTS,
      ...NO_POLICIES,
      rules: {
        headStarts: TIER_AGING,
        durationTerms: DURATION_TERMS,
        defaultRetry: DEFAULT_RETRY,
        leaseMs: LEASE_MS,
        acceptMs: 5_000,
        assignedMs: 15_000,
        staleAssignmentMs: 2_500,
        cancelGraceMs: 5_000,
        outageGraceMs: 600_000,
        maxPayloadBytes: 65_536,
      },
    };
    const work: WorkWorld = {
      ...link.work,
      ports,
      pingMs: PING_MS,
      keepAliveMs: PING_MS,
      ...options,
      renewMs: LEASE_MS / 4,
      limits: { maxPayloadBytes: 65_536, maxMessageBytes: 1 << 22, maxBatchItems: 1_000 },
      check: (schema, message) => checker.check(schema, message),
      toAgentSpec: toDomainAgentSpec,
    };
    return {
      ...{ name, relay, link, ports, work, progressed, coordinators },
      fleet: link.fleet,
      agent: (agentId: string) => link.fleet.get(org, agentId),
      /** A stream that has said nothing yet. */
      stream: () => openWorkProbe(link.own.open, org),
    };
  }

  return {
    ...{ clock, record, agents, index, world, org, open, conditions },
    /** Lets time go by, and what falls due in it be done. */
    async pass(ms: number): Promise<void> {
      await turns();
      for (let gone = 0; gone < ms; gone += 500) {
        clock.advance(Math.min(500, ms - gone));
        await turns();
      }
    },
    inFlight: async () => (await index.stats()).inFlight,
  };
}

export type TestCoordinator = ReturnType<ReturnType<typeof createCoordinators>['open']>;

/** Two coordinators that tell each other of their agents. */
export async function twoCoordinators() {
  const all = createCoordinators();
  const [a, b] = [all.open('a'), all.open('b')];
  for (const each of [a, b]) await started(each);
  await all.pass(1_000);
  return { ...all, a, b };
}

export async function started(coordinator: TestCoordinator): Promise<void> {
  await coordinator.fleet.load();
  coordinator.link.start();
}
