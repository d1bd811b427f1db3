import { authenticateOpen } from './api/access/authenticate-open.js';
import { createApi } from './api/api.js';
import { createChecker } from './api/constraints/checker.js';
import { createAgentWatchers } from './api/feeds/agent-watch.js';
import { createTaskFeed } from './api/feeds/task-feed.js';
import { toDomainAgentSpec } from './api/mapping/agent.js';
import { observeCalls } from './api/observe-calls.js';
import { createOperationNews } from './api/operation-news.js';
import { createOrgGate } from './api/org-gate.js';
import { createTaskWatchers } from './api/task-watch.js';
import { Sessions } from './api/work/sessions.js';
import type { WorkWorld } from './api/work/work-world.js';
import { STRATEGIES } from './domain/selection/strategies.js';
import { DEFAULT_RETRY } from './domain/tasks/retry.js';
import { HEAD_STARTS } from './domain/tasks/tier.js';
import { type Doors, type MovedPort, openDoors } from './doors.js';
import { createDeadlineKeeper } from './maintenance/deadline-keeper.js';
import { createDelayedPromoter } from './maintenance/delayed-promoter.js';
import { createDispatcher } from './maintenance/dispatcher.js';
import { createLeaseReaper } from './maintenance/lease-reaper.js';
import { createOperationRunner } from './maintenance/operation-runner.js';
import { createReconciler } from './maintenance/reconciler.js';
import { createTicker } from './maintenance/ticker.js';
import { createDeadlines } from './memory/deadlines.js';
import { MemoryFleet } from './memory/fleet.js';
import { ProgressBoard } from './memory/progress-board.js';
import { MemoryIndex } from './memory/ready-index.js';
import type { Log } from './ports/log.js';
import { createAgentRecord } from './postgres/agents/agent-record.js';
import { openDataFolder } from './postgres/data-folder/data-folder.js';
import { openPglite } from './postgres/drivers/pglite.js';
import { createUpkeep } from './postgres/drivers/upkeep.js';
import { migrate } from './postgres/migrate.js';
import { createOperationRecord } from './postgres/operations/operation-record.js';
import { ensurePartitions } from './postgres/partitions.js';
import { createQueueRecord } from './postgres/queues/queue-record.js';
import { createTaskRecord } from './postgres/tasks/task-record.js';
import type { Settings } from './settings/table.js';
import { systemClock } from './system/clock.js';
import { systemIds } from './system/id-source.js';
import { parseFailpoints } from './telemetry/failpoints.js';
import { createMetrics } from './telemetry/metrics.js';
import type { Ports, Rules } from './usecases/ports.js';
import { restoreHolds } from './usecases/restore-holds.js';

const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const MAX_BATCH_ITEMS = 1_000;
const HOUR_MS = 3_600_000;
/** How long operations are kept after their end. */
const OPERATIONS_KEPT_MS = 30 * 24 * HOUR_MS;
/** Days of partitions that are made ahead. */
const DAYS_AHEAD = 3;
/** Heartbeats after which an agent's report of its load counts no more. */
const REPORTS_LAST_INTERVALS = 3;
/** When agents are asked back after a stop: long enough for a restart to be under way. */
const RECONNECT_AFTER_MS = 500;

/** A coordinator that serves. */
export interface Coordinator {
  /** `host:port` of the gRPC door. */
  readonly address: string;
  /** `host:port` of the HTTP door; `null` if it is off. */
  readonly httpAddress: string | null;
  /** Absolute. */
  readonly dataDir: string;
  /** Doors whose port was taken. */
  readonly movedPorts: readonly MovedPort[];
  /** Resolves with the cause if the coordinator cannot go on. */
  readonly lost: Promise<Error>;
  /** Goes by these from the next choice of an agent on. */
  apply(settings: Pick<Settings, 'loadBalancingStrategy'>): void;
  /** Stops in order, within the setting `stop-grace`. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts a coordinator with everything in one process and one folder.
 *
 * @param given settings that somebody has set: ports that are not among them are those which the
 *   folder remembers, and what takes the place of a taken one is remembered. Default: both ports
 */
export async function startEmbedded(
  settings: Settings,
  log: Log,
  version: string,
  given: ReadonlySet<keyof Settings> = new Set(['port', 'httpPort']),
): Promise<Coordinator> {
  let lose: (error: Error) => void = () => undefined;
  const lost = new Promise<Error>((resolve) => {
    lose = resolve;
  });
  const clock = systemClock;
  const folder = await openDataFolder({ dir: settings.data, log, version, migrate });
  const db = await openPglite({ dir: folder.pgDir, log, onLost: (error) => lose(error) });
  await migrate(db);
  await ensurePartitions(db, clock.now(), DAYS_AHEAD);
  const failpoints = parseFailpoints(settings.failpoints);
  const record = createTaskRecord(db, { failpoints, log });

  let strategy = settings.loadBalancingStrategy;
  const index = new MemoryIndex({
    clock,
    log,
    random: systemIds.random,
    strategyOf: () => STRATEGIES[strategy],
    minHealth: settings.minHealth,
    reportsLastMs: REPORTS_LAST_INTERVALS * settings.pingIntervalMs,
  });
  const queues = createQueueRecord(db);
  const operations = createOperationRecord(db);
  await restoreHolds({ index, queues, operations });
  const fleet = new MemoryFleet({
    record: createAgentRecord(db),
    clock,
    rules: {
      intervalMs: settings.pingIntervalMs,
      windowIntervals: 10,
      staleAfterMs: settings.agentStaleAfterMs,
    },
    instancesOf: (org, agentId) => sessions.instancesOf(org, agentId),
    onCondition: (org, agentId, health, intent) => void index.setEligibility(org, agentId, health, intent),
    onLoad: (org, agentId, load) => void index.reportLoad(org, agentId, load),
    onChanged: (org, agentId) => agentWatchers.changed(org, agentId),
  });
  const agentWatchers = createAgentWatchers({ fleet, clock });
  await fleet.load();
  const watchers = createTaskWatchers({ record, clock, feed: createTaskFeed(systemIds.uuid()) });
  const sessions: Sessions = new Sessions(() => work);
  const mode = 'embedded';
  const rules = rulesFrom(settings);
  const { headStarts } = rules;
  const metrics = createMetrics({
    version,
    mode,
    index,
    clock,
    headStarts,
    workStreams: () => sessions.size,
  });
  const ports: Ports = {
    record,
    index,
    deadlines: createDeadlines({ clock }),
    fleet,
    sessions,
    changes: {
      publish(changes) {
        metrics.changed(changes);
        watchers.changes.publish(changes);
      },
    },
    clock,
    ids: systemIds,
    log,
    failpoints,
    rules,
  };
  const news = createOperationNews();
  const runner = createOperationRunner({ ports, operations, onStep: news.told });
  const progress = new ProgressBoard(clock);
  const limits = {
    maxPayloadBytes: settings.maxPayloadBytes,
    maxMessageBytes: MAX_MESSAGE_BYTES,
    maxBatchItems: MAX_BATCH_ITEMS,
  };
  const checker = createChecker();
  const work: WorkWorld = {
    ports,
    progress,
    pingMs: settings.pingIntervalMs,
    streamAgeMs: settings.streamAgeMs,
    renewMs: settings.leaseTtlMs / 4,
    limits,
    check: checker.check,
    toAgentSpec: toDomainAgentSpec,
    onProgress: (org, taskIds) => watchers.progressed(org, taskIds),
    onAgentChanged: (org, agentId) => agentWatchers.changed(org, agentId),
  };
  const api = createApi({
    ports,
    authenticate: authenticateOpen,
    orgGate: createOrgGate(settings.maxCallsPerOrg),
    progressOf: (_org, taskId) => progress.get(taskId),
    openWork: sessions.open,
    unaryWork: {
      world: work,
      poller: (...args) => sessions.poller(...args),
      forget: (claims) => sessions.forget(claims),
    },
    bulk: {
      queues,
      operations,
      news,
      onOperation(operation) {
        runner.changed(operation);
        news.told(operation);
      },
    },
    watchers,
    agentWatchers,
    info: { version, mode, limits, heartbeatIntervalMs: settings.pingIntervalMs },
    log,
  });

  const upkeep = createUpkeep(db);
  const services = [
    createDispatcher(ports),
    createReconciler(ports),
    createLeaseReaper(ports),
    createDelayedPromoter(ports),
    createDeadlineKeeper(ports),
    runner,
    every(settings.pingIntervalMs, 'fleet-health', async () => fleet.sweep()),
    every(30_000, 'fleet-record', () => fleet.flush()),
    every(60_000, 'lease-requests', () => record.forgetLeaseRequests(HOUR_MS)),
    every(HOUR_MS, 'operations', () => operations.forgetOperations(OPERATIONS_KEPT_MS)),
    every(HOUR_MS, 'partitions', () => ensurePartitions(db, clock.now(), DAYS_AHEAD)),
    every(1_000, 'upkeep', () => upkeep.runIfDue()),
  ];

  function every(everyMs: number, name: string, run: () => Promise<unknown>) {
    const tick = async () => {
      await run();
      return false;
    };
    return createTicker({ name, clock, log, everyMs, tick });
  }

  let doors: Doors;
  try {
    const counted = observeCalls(api, clock, metrics.called);
    doors = await openDoors({ api: counted, metrics, settings, given, memory: folder, log });
  } catch (error) {
    await db.close();
    await folder.release();
    throw error;
  }
  folder.announce(doors.address);
  for (const service of services) service.start();
  sessions.start();
  doors.setServing(true);

  async function stop(): Promise<void> {
    doors.setServing(false);
    api.close();
    await services[0]?.stop();
    sessions.sendAllAway('SHUTDOWN', RECONNECT_AFTER_MS);
    const stopped = doors.stop(settings.stopGraceMs);
    sessions.stop();
    sessions.closeAll();
    await stopped;
    for (const service of services) await service.stop();
    await fleet.flush();
    await db.close();
    await folder.release();
  }
  let stopping: Promise<void> | undefined;
  return {
    address: doors.address,
    httpAddress: doors.httpAddress,
    dataDir: folder.dir,
    movedPorts: doors.moved,
    lost,
    apply({ loadBalancingStrategy }) {
      strategy = loadBalancingStrategy;
    },
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}

function rulesFrom(settings: Settings): Rules {
  return {
    headStarts: HEAD_STARTS[settings.priorityFormula],
    defaultRetry: DEFAULT_RETRY,
    leaseMs: settings.leaseTtlMs,
    acceptMs: settings.acceptTimeoutMs,
    assignedMs: 3 * settings.acceptTimeoutMs,
    staleAssignmentMs: settings.acceptTimeoutMs / 2,
    cancelGraceMs: 5_000,
    maxPayloadBytes: settings.maxPayloadBytes,
  };
}
