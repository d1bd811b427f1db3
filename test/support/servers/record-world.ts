import { type Client, createClient } from '@reeve/sdk';
import { authenticateOpen } from '../../../src/api/access/authenticate-open.js';
import { createApi } from '../../../src/api/api.js';
import { createChecker } from '../../../src/api/constraints/checker.js';
import { createAgentWatchers } from '../../../src/api/feeds/agent-watch.js';
import { createTaskFeed } from '../../../src/api/feeds/task-feed.js';
import { toDomainAgentSpec } from '../../../src/api/mapping/agent.js';
import { createOperationNews } from '../../../src/api/operation-news.js';
import { createOrgGate } from '../../../src/api/org-gate.js';
import { createTaskWatchers } from '../../../src/api/task-watch.js';
import { Sessions } from '../../../src/api/work/sessions.js';
import type { WorkWorld } from '../../../src/api/work/work-world.js';
import { DURATION_TERMS } from '../../../src/domain/order/duration-term.js';
import { leastConnections } from '../../../src/domain/selection/least-connections.js';
import { DEFAULT_RETRY } from '../../../src/domain/tasks/retry.js';
import { TIER_AGING } from '../../../src/domain/tasks/tier.js';
import { startGrpcServer } from '../../../src/grpc/server.js';
import { createDeadlineKeeper } from '../../../src/maintenance/deadline-keeper.js';
import { createDelayedPromoter } from '../../../src/maintenance/delayed-promoter.js';
import { createDispatcher } from '../../../src/maintenance/dispatcher.js';
import { createLeaseReaper } from '../../../src/maintenance/lease-reaper.js';
import { createOperationRunner } from '../../../src/maintenance/operation-runner.js';
import { createReconciler } from '../../../src/maintenance/reconciler.js';
import { createTicker } from '../../../src/maintenance/ticker.js';
import { createDeadlines } from '../../../src/memory/deadlines.js';
import { MemoryFleet } from '../../../src/memory/fleet.js';
import { ProgressBoard } from '../../../src/memory/progress-board.js';
import { MemoryIndex } from '../../../src/memory/ready-index.js';
import type { Log } from '../../../src/ports/log.js';
import { createAgentRecord } from '../../../src/postgres/agents/agent-record.js';
import { openServer } from '../../../src/postgres/drivers/server.js';
import { migrate } from '../../../src/postgres/migrate.js';
import { createOperationRecord } from '../../../src/postgres/operations/operation-record.js';
import { watchOutages } from '../../../src/postgres/outage-watch.js';
import { ensurePartitions } from '../../../src/postgres/partitions.js';
import { createQueueRecord } from '../../../src/postgres/queues/queue-record.js';
import { createTaskRecord } from '../../../src/postgres/tasks/task-record.js';
import { createWorkflowRecord } from '../../../src/postgres/workflows/workflow-record.js';
import { systemClock } from '../../../src/system/clock.js';
import { systemIds } from '../../../src/system/id-source.js';
import type { Ports, Rules } from '../../../src/usecases/ports.js';
import { NO_POLICIES, NO_RECORDS, NO_WORKFLOWS } from '../no-policies.js';
import { RawAgent } from '../raw-agent.js';

/** How long an assignment may wait for its accept at most. */
export const ASSIGNED_MS = 2_500;

export interface RecordWorldOptions {
  /** Default 3 s; renewed four times as often. */
  readonly leaseMs?: number;
  /** Default 10 minutes. */
  readonly outageGraceMs?: number;
  /** Default 2 s. */
  readonly statementTimeoutMs?: number;
  readonly prepare?: boolean;
}

export type RecordWorld = Awaited<ReturnType<typeof openRecordWorld>>;

/**
 * A coordinator in this process whose record is a database on a server and whose index is in
 * memory, behind a gRPC door: what of the fleet has to do with outages of the record.
 */
export async function openRecordWorld(url: string, options: RecordWorldOptions = {}) {
  const { leaseMs = 3_000, outageGraceMs = 600_000, statementTimeoutMs = 2_000, prepare = true } = options;
  const clock = systemClock;
  /** Each with its time on the clock of `performance.now()`. */
  const logged: { fields: object; message: string; at: number }[] = [];
  const keep = (fields: object, message: string) =>
    void logged.push({ fields, message, at: performance.now() });
  const log: Log = { debug() {}, info: keep, warn: keep, error: keep };
  const renewMs = leaseMs / 4;
  const watch = watchOutages(
    openServer({ url, log, statementTimeoutMs, connectTimeoutMs: statementTimeoutMs, prepare }),
    { clock, log, settleMs: 2 * renewMs },
  );
  const { db } = watch;
  await migrate(db);
  await ensurePartitions(db, clock.now(), 1);
  const record = createTaskRecord(db, { failpoints: { hit: () => undefined }, log });
  const operations = createOperationRecord(db);
  const index = new MemoryIndex({
    clock,
    log,
    random: systemIds.random,
    strategyOf: () => leastConnections,
    minHealth: 0.1,
    reportsLastMs: 45_000,
  });
  const fleet: MemoryFleet = new MemoryFleet({
    record: createAgentRecord(db),
    clock,
    rules: { intervalMs: 5_000, windowIntervals: 10, staleAfterMs: 300_000 },
    instancesOf: (org, agentId) => sessions.instancesOf(org, agentId),
    onCondition: (org, agentId, health, intent) => void index.setEligibility(org, agentId, health, intent),
    onLoad: (org, agentId, load) => void index.reportLoad(org, agentId, load),
    onChanged: () => undefined,
  });
  await fleet.load();
  const watchers = createTaskWatchers({ record, clock, feed: createTaskFeed(systemIds.uuid()) });
  const sessions: Sessions = new Sessions(() => world);
  const rules: Rules = {
    headStarts: TIER_AGING,
    durationTerms: DURATION_TERMS,
    defaultRetry: DEFAULT_RETRY,
    leaseMs,
    acceptMs: 1_500,
    assignedMs: ASSIGNED_MS,
    staleAssignmentMs: 5_000,
    cancelGraceMs: 3_000,
    outageGraceMs,
    maxPayloadBytes: 256 * 1024,
  };
  const ports: Ports = {
    record,
    index,
    outages: watch.outages,
    deadlines: createDeadlines({ clock }),
    fleet,
    sessions,
    changes: watchers.changes,
    clock,
    ids: systemIds,
    log,
    failpoints: { hit: () => undefined },
    rules,
    ...NO_POLICIES,
    workflows: createWorkflowRecord(db),
  };
  const limits = { maxPayloadBytes: 256 * 1024, maxMessageBytes: 4 * 1024 * 1024, maxBatchItems: 1_000 };
  const world: WorkWorld = {
    ports,
    progress: new ProgressBoard(clock),
    pingMs: 5_000,
    keepAliveMs: 5_000,
    renewMs,
    limits,
    check: createChecker().check,
    toAgentSpec: toDomainAgentSpec,
    onProgress: () => undefined,
    onAgentChanged: () => undefined,
    onBids: () => {},
  };
  const news = createOperationNews();
  const runner = createOperationRunner({ ports, operations, onStep: news.told });
  const api = createApi({
    ...NO_RECORDS,
    ports,
    authenticate: authenticateOpen,
    orgGate: createOrgGate(1_000),
    progressOf: () => null,
    openWork: sessions.open,
    unaryWork: {
      world,
      poller: (...args) => sessions.poller(...args),
      held: (claims) => sessions.held(claims),
      forget: (claims) => sessions.forget(claims),
    },
    bulk: { queues: createQueueRecord(db), operations, news, onOperation: (o) => runner.changed(o) },
    workflows: NO_WORKFLOWS,
    watchers,
    agentWatchers: createAgentWatchers({ fleet, clock }),
    info: { version: '0.0.0-test', mode: 'fleet', limits, heartbeatIntervalMs: 5_000 },
    log,
  });
  const probe = async () => {
    await watch.probe();
    return false;
  };
  const services = [
    createDispatcher(ports),
    createReconciler(ports, { pageEveryMs: 100, roundEveryMs: 300 }),
    createLeaseReaper(ports, 50),
    createDelayedPromoter(ports),
    createDeadlineKeeper(ports),
    runner,
    createTicker({ name: 'probe', clock, log, everyMs: 100, tick: probe }),
  ];
  for (const service of services) service.start();
  sessions.start();
  const door = await startGrpcServer({ api, host: '127.0.0.1', port: 0, reflection: false });
  const client: Client = createClient({ address: door.address });
  const agents: RawAgent[] = [];

  return {
    address: door.address,
    client,
    ports,
    db,
    logged,
    /** An agent on a stream of its own that takes tasks of its name. */
    async agent(agentId: string): Promise<RawAgent> {
      const agent = new RawAgent(door.address);
      agents.push(agent);
      await agent.hello(agentId, { capabilities: [agentId] });
      return agent;
    },
    async stop() {
      for (const agent of agents) agent.close();
      client.close();
      api.close();
      sessions.stop();
      sessions.closeAll();
      await door.stop(0);
      for (const service of services) await service.stop();
      await db.close();
    },
  };
}
