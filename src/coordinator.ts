import { createApi } from './api/api.js';
import type { Authenticate } from './api/call.js';
import { createChecker } from './api/constraints/checker.js';
import type { TaskFeed } from './api/feeds/task-feed.js';
import { toDomainAgentSpec } from './api/mapping/agent.js';
import { specReader } from './api/mapping/terms.js';
import { observeCalls } from './api/observe-calls.js';
import { createOperationNews } from './api/operation-news.js';
import { createOrgGate } from './api/org-gate.js';
import { createTaskWatchers } from './api/task-watch.js';
import type { WorkWorld } from './api/work/work-world.js';
import type { Condition } from './domain/agents/eligibility.js';
import { STRATEGIES } from './domain/selection/strategies.js';
import type { DoorContents, Doors, MovedPort } from './doors.js';
import { linkFleet } from './linked-fleet.js';
import { linkRules } from './linked-rules.js';
import { behindRoutes } from './maintenance/routed-index.js';
import type { Service } from './maintenance/service.js';
import type { MemoryIndexOptions } from './memory/ready-index.js';
import { openPolicies } from './open-policies.js';
import { NO_POOLS } from './ports/candidate-pools.js';
import type { Deadlines } from './ports/deadlines.js';
import type { Leadership } from './ports/leadership.js';
import type { Log } from './ports/log.js';
import type { Outages } from './ports/outages.js';
import type { ReadyIndex } from './ports/ready-index.js';
import type { Relay } from './ports/relay.js';
import { createAgentRecord } from './postgres/agents/agent-record.js';
import type { Database } from './postgres/database.js';
import { createOperationRecord } from './postgres/operations/operation-record.js';
import { createQueueRecord } from './postgres/queues/queue-record.js';
import { createTaskRecord } from './postgres/tasks/task-record.js';
import { rulesFrom, serverConfigFrom } from './rules.js';
import { createServices, makePartitions } from './services.js';
import type { Settings } from './settings/table.js';
import { systemClock } from './system/clock.js';
import { systemIds } from './system/id-source.js';
import { parseFailpoints } from './telemetry/failpoints.js';
import { createMetrics } from './telemetry/metrics.js';
import type { Ports } from './usecases/ports.js';
import { restoreHolds } from './usecases/restore-holds.js';

const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const MAX_BATCH_ITEMS = 1_000;
/** Heartbeats after which an agent's report of its load counts no more. */
const REPORTS_LAST_INTERVALS = 3;
/** How often those who wait for what another coordinator may end look in the record, in ms. */
const LOOK_EVERY_MS = 1_000;
/** When agents are asked back after a stop: long enough for a restart to be under way. */
const RECONNECT_AFTER_MS = 500;

/** A coordinator that serves. */
export interface Coordinator {
  /** `host:port` of the gRPC door. */
  readonly address: string;
  /** `host:port` of the HTTP door; `null` if it is off. */
  readonly httpAddress: string | null;
  /** Doors whose port was taken. */
  readonly movedPorts: readonly MovedPort[];
  /** Goes by these from the next choice of an agent on. */
  apply(settings: Pick<Settings, 'loadBalancingStrategy'>): void;
  /** Stops in order, within the setting `stop-grace`. Safe to call twice. */
  stop(): Promise<void>;
}

/** The index and what is kept beside it. */
export interface IndexParts {
  readonly index: ReadyIndex;
  readonly deadlines: Deadlines;
  /** It had nothing when it was opened, and nobody else is about to fill it. Default false. */
  readonly isEmpty?: boolean;
  /** To be called in the end, when nothing is asked any more. */
  readonly stop?: () => Promise<void>;
  /** Calls `listener` when the index has lost what it had. */
  readonly onLost?: (listener: () => void) => void;
  /** Calls `listener` with what the index has of an agent, whenever a coordinator has written it. */
  readonly onCondition?: (listener: (org: string, agentId: string, condition: Condition) => void) => void;
}

/** What a coordinator is made of where one process alone and one of several differ. */
export interface CoordinatorParts {
  readonly settings: Settings;
  readonly log: Log;
  /** Of the program. */
  readonly version: string;
  readonly mode: 'embedded' | 'fleet';
  /** Whose schema is up to date. */
  readonly db: Database;
  /** Whether it answers. */
  readonly outages: Outages;
  readonly authenticate: Authenticate;
  readonly createIndex: (needs: MemoryIndexOptions) => IndexParts | Promise<IndexParts>;
  /** To the other coordinators. */
  readonly relay: Relay;
  readonly feed: TaskFeed;
  /** How far the feed is behind; default: it never is. */
  readonly feedLagMs?: () => number;
  /** Who does what one coordinator does for all. */
  readonly leadership: Leadership;
  /** Its own name, new at each start. */
  readonly coordinatorId: string;
  /** Further ones, which begin first and end last. */
  readonly services?: (ports: Ports) => readonly Service[];
  readonly openDoors: (contents: DoorContents) => Promise<Doors>;
  /** Closes what the others of these parts have open; called once, in the end or after a start that failed. */
  readonly close: () => Promise<void>;
}

/** Puts a coordinator together and starts it. */
export async function startCoordinator(parts: CoordinatorParts): Promise<Coordinator> {
  try {
    return await compose(parts);
  } catch (error) {
    await parts.close();
    throw error;
  }
}

async function compose(parts: CoordinatorParts): Promise<Coordinator> {
  const { settings, log, version, mode, db } = parts;
  const clock = systemClock;
  await makePartitions(db, clock.now());
  const failpoints = parseFailpoints(settings.failpoints);
  const record = createTaskRecord(db, { failpoints, log, notesChanges: mode === 'fleet' });
  const queues = createQueueRecord(db);
  const operations = createOperationRecord(db);
  const { orgRules, records } = await linkRules({ db, relay: parts.relay, clock, log });

  let strategy = settings.loadBalancingStrategy;
  const indexParts = await parts.createIndex({
    clock,
    log,
    random: systemIds.random,
    strategyOf: () => STRATEGIES[strategy],
    minHealth: settings.minHealth,
    reportsLastMs: REPORTS_LAST_INTERVALS * settings.pingIntervalMs,
  });
  const { index, routes, deadlines, ...indexLife } = behindRoutes(indexParts, clock);
  await restoreHolds({ index, queues, operations });
  const linked = linkFleet({
    relay: parts.relay,
    agents: createAgentRecord(db),
    index,
    clock,
    log,
    rules: {
      intervalMs: settings.pingIntervalMs,
      windowIntervals: 10,
      staleAfterMs: settings.agentStaleAfterMs,
    },
    world: () => work,
    onProgress: (org, taskIds) => watchers.progressed(org, taskIds),
  });
  const { fleet, own: ownSessions, sessions, agentWatchers } = linked;
  await fleet.load();
  const watchers = createTaskWatchers({ record, clock, feed: parts.feed });
  const rules = rulesFrom(settings);
  const metrics = createMetrics({
    version,
    mode,
    index,
    clock,
    headStarts: rules.headStarts,
    workStreams: () => ownSessions.size,
    ...(parts.feedLagMs && { feedLagMs: parts.feedLagMs }),
  });
  const { policies, ...outside } = openPolicies({ settings, mode, clock, log });
  const ports: Ports = {
    record,
    index,
    deadlines,
    outages: parts.outages,
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
    orgRules,
    policies,
    pools: NO_POOLS,
    specs: specReader,
  };
  const news = createOperationNews(mode === 'fleet' ? LOOK_EVERY_MS : null);
  const { dispatcher, own, operationChanged, hurry } = createServices({
    ports,
    routes,
    db,
    operations,
    leadership: parts.leadership,
    coordinatorId: parts.coordinatorId,
    isIndexEmpty: indexLife.isEmpty ?? false,
    onStep: news.told,
    fleet,
    orgRules,
    checkLeases: () => ownSessions.checkLeases(),
    settings,
  });
  indexLife.onCondition?.((org, agentId, condition) => {
    fleet.indexed(org, agentId, condition).catch((error: unknown) => {
      log.debug({ err: error, agentId }, 'an agent that was changed elsewhere could not be read');
    });
  });
  indexLife.onLost?.(() => {
    log.warn({}, 'the index has lost what it had; it is made anew from the record');
    fleet.tellAgain();
    restoreHolds({ index, queues, operations })
      .catch((error: unknown) => log.error({ err: error }, 'the holds of queues could not be restored'))
      .finally(() => hurry());
  });
  const limits = {
    maxPayloadBytes: settings.maxPayloadBytes,
    maxMessageBytes: MAX_MESSAGE_BYTES,
    maxBatchItems: MAX_BATCH_ITEMS,
  };
  const checker = createChecker();
  const work: WorkWorld = {
    ...linked.work,
    ports,
    pingMs: settings.pingIntervalMs,
    keepAliveMs: settings.keepAliveMs,
    streamAgeMs: settings.streamAgeMs,
    renewMs: settings.leaseTtlMs / 4,
    limits,
    check: checker.check,
    toAgentSpec: toDomainAgentSpec,
  };
  const api = createApi({
    ports,
    authenticate: parts.authenticate,
    orgGate: createOrgGate(settings.maxCallsPerOrg),
    progressOf: (_org, taskId) => linked.work.progress.get(taskId),
    openWork: ownSessions.open,
    unaryWork: {
      world: work,
      poller: (...args) => ownSessions.poller(...args),
      held: (claims) => ownSessions.held(claims),
      forget: (claims) => sessions.forget(claims),
    },
    bulk: {
      queues,
      operations,
      news,
      onOperation(operation) {
        operationChanged(operation);
        news.told(operation);
      },
    },
    ...records,
    serverConfig: () => serverConfigFrom({ ...settings, loadBalancingStrategy: strategy }),
    watchers,
    agentWatchers,
    info: { version, mode, limits, heartbeatIntervalMs: settings.pingIntervalMs },
    log,
  });

  const services = [...(parts.services?.(ports) ?? []), ...own];
  const doors = await parts.openDoors({ api: observeCalls(api, clock, metrics.called), metrics });
  for (const service of services) service.start();
  dispatcher.start();
  ownSessions.start();
  linked.start();
  doors.setServing(true);

  async function stop(): Promise<void> {
    doors.setServing(false);
    api.close();
    await dispatcher.stop();
    ownSessions.sendAllAway('SHUTDOWN', RECONNECT_AFTER_MS);
    const stopped = doors.stop(settings.stopGraceMs);
    ownSessions.stop();
    ownSessions.closeAll();
    linked.stop();
    await stopped;
    for (const service of [...services].reverse()) await service.stop();
    await outside.stop();
    await fleet.flush();
    await indexLife.stop?.();
    await parts.close();
  }
  let stopping: Promise<void> | undefined;
  return {
    address: doors.address,
    httpAddress: doors.httpAddress,
    movedPorts: doors.moved,
    apply({ loadBalancingStrategy }) {
      strategy = loadBalancingStrategy;
    },
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}
