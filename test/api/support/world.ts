import { authenticateOpen } from '../../../src/api/access/authenticate-open.js';
import { createApi } from '../../../src/api/api.js';
import type { Authenticate } from '../../../src/api/call.js';
import { createAgentWatchers } from '../../../src/api/feeds/agent-watch.js';
import { createTaskFeed } from '../../../src/api/feeds/task-feed.js';
import { createOperationNews } from '../../../src/api/operation-news.js';
import { createOrgGate } from '../../../src/api/org-gate.js';
import type { Bulk, UnaryWork } from '../../../src/api/services/context.js';
import { createTaskWatchers } from '../../../src/api/task-watch.js';
import type { OpenWork } from '../../../src/api/work/work-stream.js';
import type { AgentEntry } from '../../../src/domain/agents/agent.js';
import { leastConnections } from '../../../src/domain/selection/least-connections.js';
import { DEFAULT_RETRY } from '../../../src/domain/tasks/retry.js';
import type { Task } from '../../../src/domain/tasks/task.js';
import { isChosen } from '../../../src/domain/tasks/task-filter.js';
import type { TaskState } from '../../../src/domain/tasks/task-state.js';
import { TIER_AGING } from '../../../src/domain/tasks/tier.js';
import { createDeadlines } from '../../../src/memory/deadlines.js';
import { MemoryIndex } from '../../../src/memory/ready-index.js';
import type { AgentView, Fleet } from '../../../src/ports/fleet.js';
import type { Log } from '../../../src/ports/log.js';
import type { NewTask, TaskRecord, TaskView } from '../../../src/ports/task-record.js';
import { systemClock } from '../../../src/system/clock.js';
import { systemIds } from '../../../src/system/id-source.js';
import type { Ports } from '../../../src/usecases/ports.js';

export const MAX_PAYLOAD_BYTES = 256 * 1024;

/** Pauses and operations are tried against a whole coordinator. */
const NO_BULK = { queues: {}, operations: {}, onOperation: () => {} } as unknown as Bulk;

/** The edge over a record, an index and a fleet that are maps; `log` keeps what was logged. */
export function setup(
  options: {
    authenticate?: Authenticate;
    openWork?: OpenWork;
    generation?: string;
    /** Default 1,000. */
    maxCallsPerOrg?: number;
  } = {},
) {
  const tasks = new Map<string, Task>();
  const requests = new Map<string, string>();
  const agents = new Map<string, AgentView>();
  const logged: { level: keyof Log; fields: object; message: string }[] = [];
  const reads: { ids: readonly string[]; view: TaskView | 'STATE' }[] = [];

  const keep =
    (level: keyof Log) =>
    (fields: object, message: string): void => {
      logged.push({ level, fields, message });
    };
  const log: Log = { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') };

  const record = {
    async submitTasks(items) {
      return items.map((item) => {
        const key = item.request && `${item.org} ${item.request.requestId}`;
        const known = key ? tasks.get(requests.get(key) ?? '') : undefined;
        if (known) return { kind: 'ALREADY_SUBMITTED', change: changeOf(known) };
        const task = newTask(item);
        tasks.set(item.taskId, task);
        if (key) requests.set(key, item.taskId);
        return {
          kind: 'SUBMITTED',
          change: changeOf(task),
          lease: null,
          score: task.score,
          band: 'OTHER',
          urged: [],
        };
      });
    },
    async getTasks(org, ids, view) {
      reads.push({ ids, view });
      return ids.map((id) => {
        const task = tasks.get(id);
        return task?.org === org ? viewOf(task, view) : null;
      });
    },
    async getTaskStates(_org, ids) {
      reads.push({ ids, view: 'STATE' });
      return ids.map((id) => tasks.get(id)?.state ?? null);
    },
    async listTasks({ org, filter, limit, beforeId, view }) {
      const found = [...tasks.values()]
        .filter((task) => task.org === org && (beforeId === null || task.taskId < beforeId))
        .filter((task) => isChosen(filter, task))
        .sort((a, b) => (a.taskId < b.taskId ? 1 : -1));
      const page = found.slice(0, limit);
      return {
        tasks: page.map((task) => viewOf(task, view)),
        beforeId: found.length > limit ? (page.at(-1)?.taskId ?? null) : null,
      };
    },
    async listTaskEvents(_org, taskId, afterSeq, limit) {
      const task = tasks.get(taskId);
      return Array.from({ length: task?.seq ?? 0 }, (_, i) => eventOf(taskId, i + 1))
        .filter((event) => event.seq > afterSeq)
        .slice(0, limit);
    },
  } satisfies Partial<TaskRecord>;

  const fleet: Fleet = {
    get: (org, agentId) => agents.get(`${org} ${agentId}`) ?? null,
    list: (org, afterId, limit, accept) =>
      [...agents.values()]
        .filter(({ entry }) => entry.org === org && entry.spec.agentId > afterId)
        .filter(accept)
        .sort((a, b) => (a.entry.spec.agentId < b.entry.spec.agentId ? -1 : 1))
        .slice(0, limit),
    async register(org, spec) {
      const agent = agentView({
        org,
        spec,
        intent: 'ACTIVE',
        registrationTime: 1,
        lastHeartbeatTime: 1,
        deregisterTime: null,
      });
      agents.set(`${org} ${spec.agentId}`, agent);
      return agent;
    },
    async deregister(org, agentId) {
      const agent = agents.get(`${org} ${agentId}`);
      if (!agent) return null;
      const gone = { ...agent, entry: { ...agent.entry, deregisterTime: 2 } };
      agents.set(`${org} ${agentId}`, gone);
      return gone;
    },
    async setIntent(org, agentId, intent) {
      const agent = agents.get(`${org} ${agentId}`);
      if (!agent) return null;
      const changed = { ...agent, status: intent };
      agents.set(`${org} ${agentId}`, changed);
      return changed;
    },
    connected: () => {},
    heartbeat: (org, agentId) => agents.has(`${org} ${agentId}`),
  };

  const goneAway: string[] = [];
  const watchers = createTaskWatchers({
    record,
    clock: systemClock,
    feed: createTaskFeed(options.generation ?? 'one'),
  });
  const agentWatchers = createAgentWatchers({ fleet, clock: systemClock });
  const ports = {
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
    deadlines: createDeadlines({ clock: systemClock }),
    sessions: { goAway: (_org: string, agentId: string) => goneAway.push(agentId) },
    changes: watchers.changes,
    clock: systemClock,
    ids: systemIds,
    log,
    failpoints: { hit: () => undefined },
    rules: {
      headStarts: TIER_AGING,
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
    ports,
    authenticate: options.authenticate ?? authenticateOpen,
    orgGate: createOrgGate(options.maxCallsPerOrg ?? 1_000),
    progressOf: () => null,
    unaryWork: {
      // Its calls are tried against a whole coordinator.
      world: {} as UnaryWork['world'],
      forget: async () => {},
      poller: () => {
        throw new Error('no unary work here');
      },
    },
    bulk: { ...NO_BULK, news: createOperationNews() },
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

function submission(): NewTask {
  const spec = {
    kind: 'echo',
    tier: 'NORMAL',
    source: 'AUTOMATED',
    labels: {},
    goal: '',
    intent: '',
    jobSpaceId: '',
    submitterSubjectId: 'anonymous',
    parentTaskId: null,
    requirements: {
      agentType: null,
      capabilities: ['echo'],
      services: [],
      tags: [],
      region: null,
      minHealth: null,
      agentId: null,
      prefer: null,
    },
    retry: DEFAULT_RETRY,
    attemptTimeoutMs: null,
    runAt: null,
    deadline: null,
    dependencies: [],
    body: new Uint8Array(),
  } as const;
  const now = systemClock.now();
  const taskId = systemIds.taskId();
  return {
    org: 'default',
    taskId,
    spec,
    createTime: now,
    runTime: null,
    score: now,
    headStartMs: 0,
    request: null,
    actor: 'a',
    claim: null,
  };
}

function newTask({ org, taskId, spec, createTime, score }: NewTask): Task {
  return {
    org,
    taskId,
    spec,
    createTime,
    runnableTime: createTime,
    score,
    state: 'QUEUED',
    tier: spec.tier,
    epoch: 0,
    series: 0,
    attempt: 0,
    deliveries: 0,
    agentId: null,
    reason: '',
    pending: 0,
    seq: 1,
    runTime: null,
    startTime: null,
    finishTime: null,
    result: null,
  };
}

function viewOf(task: Task, view: TaskView): Task {
  if (view === 'FULL') return task;
  const { spec, result } = task;
  return {
    ...task,
    spec: { ...spec, body: new Uint8Array() },
    result: result && { ...result, output: null },
  };
}

function changeOf({ org, taskId, seq, state }: Task) {
  return { org, taskId, seq, state };
}

function eventOf(taskId: string, seq: number) {
  return {
    taskId,
    seq,
    type: 'SUBMITTED',
    state: 'QUEUED',
    eventTime: seq,
    epoch: 0,
    attempt: 0,
    series: 0,
    agentId: null,
    actorSubjectId: 'a',
    reason: '',
    detail: { tier: 'NORMAL' },
  } as const;
}

function agentView(entry: AgentEntry): AgentView {
  return {
    entry,
    status: 'ACTIVE',
    healthScore: 1,
    lastHeartbeatTime: 1,
    load: null,
    inFlight: 0,
    slots: 3,
    credit: 3,
    instances: [],
  };
}
