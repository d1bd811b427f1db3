import { authenticateOpen } from '../../../src/api/access/authenticate-open.js';
import { createApi } from '../../../src/api/api.js';
import type { Authenticate } from '../../../src/api/call.js';
import { createAgentWatchers } from '../../../src/api/feeds/agent-watch.js';
import { createTaskFeed, type TaskFeed } from '../../../src/api/feeds/task-feed.js';
import { createOperationNews } from '../../../src/api/operation-news.js';
import { createOrgGate } from '../../../src/api/org-gate.js';
import type { Bulk, UnaryWork } from '../../../src/api/services/context.js';
import { createTaskWatchers } from '../../../src/api/task-watch.js';
import type { OpenWork } from '../../../src/api/work/work-stream.js';
import { DURATION_TERMS } from '../../../src/domain/order/duration-term.js';
import { leastConnections } from '../../../src/domain/selection/least-connections.js';
import { DEFAULT_RETRY } from '../../../src/domain/tasks/retry.js';
import type { Task } from '../../../src/domain/tasks/task.js';
import type { TaskState } from '../../../src/domain/tasks/task-state.js';
import { TIER_AGING } from '../../../src/domain/tasks/tier.js';
import { createDeadlines } from '../../../src/memory/deadlines.js';
import { MemoryIndex } from '../../../src/memory/ready-index.js';
import type { Log } from '../../../src/ports/log.js';
import { NO_OUTAGES } from '../../../src/ports/outages.js';
import type { TaskRecord } from '../../../src/ports/task-record.js';
import { systemClock } from '../../../src/system/clock.js';
import { systemIds } from '../../../src/system/id-source.js';
import type { Ports } from '../../../src/usecases/ports.js';
import { NO_POLICIES, NO_RECORDS, NO_WORKFLOWS } from '../../support/no-policies.js';
import { createMapFleet } from './map-fleet.js';
import { createMapRecord, type Read } from './map-record.js';
import { changeOf, newTask, submission } from './tasks.js';

export const MAX_PAYLOAD_BYTES = 256 * 1024;

/** Pauses and operations are tried against a whole coordinator. */
const NO_BULK = { queues: {}, operations: {}, onOperation: () => {} } as unknown as Bulk;

/** The edge over a record, an index and a fleet that are maps; `log` keeps what was logged. */
export function setup(
  options: {
    authenticate?: Authenticate;
    openWork?: OpenWork;
    generation?: string;
    /** Default: one of this process, of that generation. */
    feed?: TaskFeed;
    /** Default: maps, which `put` and `move` write to. */
    record?: TaskRecord;
    /** Default 1,000. */
    maxCallsPerOrg?: number;
  } = {},
) {
  const tasks = new Map<string, Task>();
  const logged: { level: keyof Log; fields: object; message: string }[] = [];
  const reads: Read[] = [];

  const keep =
    (level: keyof Log) =>
    (fields: object, message: string): void => {
      logged.push({ level, fields, message });
    };
  const log: Log = { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') };

  const maps = createMapRecord(tasks, reads);
  const record = (options.record ?? maps) as typeof maps;
  const fleet = createMapFleet();
  const goneAway: string[] = [];
  const watchers = createTaskWatchers({
    record,
    clock: systemClock,
    feed: options.feed ?? createTaskFeed(options.generation ?? 'one'),
  });
  const agentWatchers = createAgentWatchers({ fleet, clock: systemClock });
  const ports = {
    ...NO_POLICIES,
    record,
    fleet,
    index: new MemoryIndex({
      clock: systemClock,
      log,
      random: systemIds.random,
      strategyOf: () => leastConnections,
      minHealth: 0.5,
      reportsLastMs: 45_000,
    }),
    outages: NO_OUTAGES,
    deadlines: createDeadlines({ clock: systemClock }),
    sessions: { goAway: (_org: string, agentId: string) => goneAway.push(agentId) },
    changes: watchers.changes,
    clock: systemClock,
    ids: systemIds,
    log,
    failpoints: { hit: () => undefined },
    rules: {
      headStarts: TIER_AGING,
      durationTerms: DURATION_TERMS,
      defaultRetry: DEFAULT_RETRY,
      leaseMs: 60_000,
      acceptMs: 5_000,
      assignedMs: 15_000,
      staleAssignmentMs: 2_500,
      cancelGraceMs: 5_000,
      maxPayloadBytes: MAX_PAYLOAD_BYTES,
    },
  } as unknown as Ports;

  const api = createApi({
    ...NO_RECORDS,
    ports,
    authenticate: options.authenticate ?? authenticateOpen,
    orgGate: createOrgGate(options.maxCallsPerOrg ?? 1_000),
    progressOf: () => null,
    unaryWork: {
      // Its calls are tried against a whole coordinator.
      world: {} as UnaryWork['world'],
      held: () => [],
      forget: async () => {},
      poller: () => {
        throw new Error('no unary work here');
      },
    },
    bulk: { ...NO_BULK, news: createOperationNews() },
    workflows: NO_WORKFLOWS,
    openWork:
      options.openWork ??
      (() => {
        throw new Error('no Work here');
      }),
    watchers,
    agentWatchers,
    info: {
      version: '0.0.0-test',
      mode: 'embedded',
      limits: { maxPayloadBytes: MAX_PAYLOAD_BYTES, maxMessageBytes: 4 * 1024 * 1024, maxBatchItems: 1_000 },
      heartbeatIntervalMs: 15_000,
    },
    log,
  });

  return {
    api,
    ports,
    record,
    watchers,
    agentWatchers,
    tasks,
    reads,
    logged,
    goneAway,
    /** Puts a task into the record. */
    put(task: Partial<Task> = {}): Task {
      const made = { ...newTask(submission()), ...task };
      tasks.set(made.taskId, made);
      return made;
    },
    /** Takes a task to a state, and publishes it. */
    move(taskId: string, state: TaskState, more: Partial<Task> = {}): void {
      const task = tasks.get(taskId);
      if (!task) throw new Error(`no task ${taskId}`);
      const moved = { ...task, ...more, state, seq: task.seq + 1 };
      tasks.set(taskId, moved);
      watchers.changes.publish([changeOf(moved)]);
    },
  };
}
