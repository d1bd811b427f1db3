import { createApi } from './api/api.js';
import { createChecker } from './api/constraints/checker.js';
import { createSharedLooks } from './api/feeds/shared-looks.js';
import { createWorkflowWatchers } from './api/feeds/workflow-watch.js';
import { toDomainAgentSpec } from './api/mapping/agent.js';
import { specReader } from './api/mapping/terms.js';
import { observeCalls } from './api/observe-calls.js';
import { createOperationNews } from './api/operation-news.js';
import { createOrgGate } from './api/org-gate.js';
import { createTaskWatchers } from './api/task-watch.js';
import type { WorkWorld } from './api/work/work-world.js';
import type { Coordinator, CoordinatorParts } from './coordinator-parts.js';
import { STRATEGIES } from './domain/selection/strategies.js';
import { linkDirectory } from './linked-directory.js';
import { linkFleet } from './linked-fleet.js';
import { type LinkedHandlers, linkHandlers } from './linked-handlers.js';
import { linkOrder } from './linked-order.js';
import { linkRules } from './linked-rules.js';
import { linkWorkflows } from './linked-workflows.js';
import { behindRoutes } from './maintenance/routed-index.js';
import { openPolicies } from './open-policies.js';
import { createAgentRecord } from './postgres/agents/agent-record.js';
import { createOperationRecord } from './postgres/operations/operation-record.js';
import { createQueueRecord } from './postgres/queues/queue-record.js';
import { createTaskRecord } from './postgres/tasks/task-record.js';
import { createWorkflowRecord } from './postgres/workflows/workflow-record.js';
import { rulesFrom, serverConfigFrom } from './rules.js';
import { createServices, makePartitions } from './services.js';
import { systemClock } from './system/clock.js';
import { systemIds } from './system/id-source.js';
import { parseFailpoints } from './telemetry/failpoints.js';
import { countedLookups } from './telemetry/lookup-metrics.js';
import { createMetrics } from './telemetry/metrics.js';
import { countedPolicies } from './telemetry/policy-metrics.js';
import { toldWorkflows } from './told-workflows.js';
import type { Ports } from './usecases/ports.js';
import { restoreHolds } from './usecases/restore-holds.js';

export type { Coordinator, CoordinatorParts, IndexParts } from './coordinator-parts.js';

const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const MAX_BATCH_ITEMS = 1_000;
/** What it can do beyond the first version of the protocol. */
const FEATURES = ['workflows'];
/** Heartbeats after which an agent's report of its load counts no more. */
const REPORTS_LAST_INTERVALS = 3;
/** How often those who wait for what another coordinator may end look in the record, in ms. */
const LOOK_EVERY_MS = 1_000;
/** When agents are asked back after a stop: long enough for a restart to be under way. */
const RECONNECT_AFTER_MS = 500;

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
  const workflowRecord = createWorkflowRecord(db);
  const looks = createSharedLooks({ record: workflowRecord, clock });
  const { policies, expressions, ...outside } = openPolicies({ settings, mode, clock, log });
  const { orgRules, records } = await linkRules({ db, relay: parts.relay, clock, log });
  const directory = linkDirectory({
    record: records.directory,
    orgRules,
    caller: outside.directoryCaller,
    clock,
    log,
  });

  let strategy = settings.loadBalancingStrategy;
  const indexParts = await parts.createIndex({
    clock,
    log,
    random: systemIds.random,
    strategyOf: (org, balancing) =>
      STRATEGIES[balancing ?? orgRules.known(org).config.loadBalancingStrategy ?? strategy],
    minHealth: settings.minHealth,
    terms: directory.terms,
    orderTerms: linkOrder(orgRules),
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
    policyFigures: outside.figures,
    ...(parts.feedLagMs && { feedLagMs: parts.feedLagMs }),
  });
  let handlers: LinkedHandlers | null = null;
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
        handlers?.changed(changes);
      },
    },
    clock,
    ids: systemIds,
    log,
    failpoints,
    rules,
    orgRules,
    policies: countedPolicies(policies, metrics.decided),
    expressions,
    pools: directory.pools,
    specs: specReader,
    workflows: toldWorkflows(workflowRecord, (workflow, events) => {
      looks.told(workflow);
      handlers?.written(workflow, events);
    }),
    wakeWorkflows: (keys) => workflows.advancer.wake(keys),
  };
  const checker = createChecker();
  const contexts = countedLookups(outside.contexts, metrics.lookedUp);
  const workflows = linkWorkflows({ ports, checker, contexts });
  handlers = await linkHandlers({
    ...{ names: settings.eventHandlers, db, clock, log, count: metrics.handled },
    workflows: workflowRecord,
    addressOf: async (key, node) => (await workflows.loaded.load(key)).plan.nodes[node]?.address ?? '',
  });
  const news = createOperationNews(mode === 'fleet' ? LOOK_EVERY_MS : null);
  const { dispatcher, own, operationChanged, hurry } = createServices({
    ports,
    routes,
    db,
    operations,
    leadership: parts.leadership,
    coordinatorId: parts.coordinatorId,
    isIndexEmpty: indexLife.isEmpty ?? false,
    isIndexShared: mode === 'fleet',
    onStep: news.told,
    workflows: workflows.advancer,
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
    workflows: {
      ports: workflows.ports,
      loaded: workflows.loaded,
      watchers: createWorkflowWatchers({ record: ports.workflows, looks, clock }),
    },
    ...records,
    directories: directory.directories,
    planTries: routes,
    serverConfig: () => serverConfigFrom({ ...settings, loadBalancingStrategy: strategy }),
    watchers,
    agentWatchers,
    info: { version, mode, limits, heartbeatIntervalMs: settings.pingIntervalMs, features: FEATURES },
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
    await handlers?.stop();
    await outside.stop();
    await fleet.flush();
    directory.pools.stop();
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
