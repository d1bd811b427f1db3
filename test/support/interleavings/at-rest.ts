import type { TaskKey } from '../../../src/ports/ready-index.js';
import type { Moved, TaskRecord } from '../../../src/ports/task-record.js';
import type { Database } from '../../../src/postgres/database.js';
import { checkDependencies } from '../checker-dependencies.js';
import {
  type RecordedEdge,
  type RecordedEvent,
  type RecordedTask,
  TERMINAL,
  type Violation,
} from '../checker-record.js';
import { replayTask } from '../checker-replay.js';
import { checkTables } from '../checker-tables.js';

/** What the outcome of a verb may say. */
interface Said {
  readonly kind?: string;
  readonly change?: Moved['change'];
  readonly changed?: boolean;
  readonly dependents?: readonly Moved[];
}

/** What follows from outcomes for chains of dependents, as the use cases have it: see move-dependents. */
export async function follow(record: TaskRecord, outcomes: readonly unknown[]): Promise<void> {
  const changes = outcomes.flatMap((outcome) => {
    if (Array.isArray(outcome)) return (outcome as Moved[]).map(({ change }) => change);
    const { kind, change, dependents = [] } = outcome as Said;
    const own = kind === 'OK' && change?.state === 'BLOCKED' ? [change] : [];
    return [...own, ...dependents.map((moved) => moved.change)];
  });
  const blocked = changes.filter(({ state }) => state === 'BLOCKED');
  let next: readonly TaskKey[] = changes.filter(({ state }) => TERMINAL.has(state) || state === 'BLOCKED');
  if (next.length > 0) await follow(record, [(await record.settleEdges(unique(next))).flat()]);
  next = blocked.length > 0 ? await record.listOpenUpstreams(unique(blocked)) : [];
  if (next.length > 0) await follow(record, [(await record.settleEdges(unique(next))).flat()]);
}

function unique(keys: readonly TaskKey[]): TaskKey[] {
  return [...new Map(keys.map(({ org, taskId }) => [taskId, { org, taskId }])).values()];
}

interface Row extends RecordedTask {
  readonly seq: number;
  readonly pending: number;
  readonly hasDependents: boolean;
  readonly reason: string;
  /** Whether it is to run much later. */
  readonly putOff: boolean;
}

/** Everything that is wrong with the tasks of an organisation while nobody changes them. */
export async function violationsAtRest(
  db: Database,
  org: string,
  outcomes: readonly unknown[],
): Promise<readonly Violation[]> {
  const read = <T>(name: string, text: string) => db.read<T>({ name: `at-rest-${name}`, text }, [org]);
  const tasks = await read<Row>('tasks', TASKS);
  const events = await read<RecordedEvent>('events', EVENTS);
  const edges = await read<RecordedEdge>('edges', EDGES);
  const results = await read<never>('results', RESULTS);
  const trails = new Map(tasks.map((task) => [task.taskId, [] as RecordedEvent[]]));
  for (const event of events) trails.get(event.taskId)?.push(event);
  const snapshot = { tasks, events, edges, results };
  return [
    ...tasks.flatMap((task) => replayTask(task, trails.get(task.taskId) ?? [], 3)),
    ...tasks
      .filter((task) => trails.get(task.taskId)?.length !== task.seq)
      .map((task) => wrong('I10', task.taskId, 'the last event is not that of the row')),
    ...checkDependencies(snapshot, trails),
    ...checkTables(snapshot, []),
    ...edgesThatDisagree(tasks, edges),
    ...acknowledgedAndLost(outcomes, trails),
  ];
}

function wrong(invariant: Violation['invariant'], taskId: string, message: string): Violation {
  return { invariant, taskId, message };
}

/** `pending`, states and flags against the table of edges. */
function edgesThatDisagree(tasks: readonly Row[], edges: readonly RecordedEdge[]): Violation[] {
  const byId = new Map(tasks.map((task) => [task.taskId, task]));
  const found: Violation[] = [];
  const say = (taskId: string, message: string) => found.push(wrong('I6', taskId, message));
  const counts = new Map(tasks.map(({ taskId }) => [taskId, { open: 0, broken: 0, satisfied: 0 }]));
  for (const { taskId, state } of edges) {
    const own = counts.get(taskId);
    if (own) own[state]++;
  }
  for (const { taskId, state, pending, reason, series, putOff } of tasks) {
    const { open = 0, broken = 0 } = counts.get(taskId) ?? {};
    if (pending !== open) say(taskId, `it counts ${pending} open edges and has ${open}`);
    if (open > 0 && !TERMINAL.has(state) && state !== 'BLOCKED') say(taskId, `it is ${state} and waits`);
    if (putOff && series === 0 && ['QUEUED', 'ASSIGNED'].includes(state))
      say(taskId, `it is ${state}, and was put off`);
    if (state === 'SKIPPED' && reason === 'UPSTREAM_FAILED' && broken === 0)
      say(taskId, 'it is skipped because of nothing');
    if (broken > 0 && !TERMINAL.has(state) && series === 0)
      say(taskId, `it is ${state}, and something it waited for has failed`);
  }
  for (const { taskId, upstreamId, state } of edges) {
    const upstream = byId.get(upstreamId);
    if (!upstream) continue;
    if (state === 'open' && TERMINAL.has(upstream.state)) say(taskId, `an edge to ${upstream.state} is open`);
    if (state === 'broken' && !TERMINAL.has(upstream.state) && byId.get(taskId)?.state === 'SKIPPED')
      say(taskId, `it is skipped because of a task that is ${upstream.state} again`);
    if (state !== 'satisfied' && !upstream.hasDependents)
      say(upstreamId, 'who settles it is not told that somebody waits for it');
  }
  return found;
}

/** What was acknowledged stands in the trail. */
function acknowledgedAndLost(
  outcomes: readonly unknown[],
  trails: ReadonlyMap<string, readonly RecordedEvent[]>,
): Violation[] {
  const claimed = new Set<string>();
  return (outcomes as Said[]).flatMap(({ kind, change, changed = true }) => {
    if (!change || !(kind === 'OK' || kind === 'SUBMITTED') || !changed) return [];
    const { taskId, seq, state } = change;
    const event = trails.get(taskId)?.[seq - 1];
    if (event?.state !== state) return [wrong('I3', taskId, `${state} was acknowledged as event ${seq}`)];
    const twice = TERMINAL.has(state) && claimed.has(`${taskId} ${seq}`);
    claimed.add(`${taskId} ${seq}`);
    return twice ? [wrong('I3', taskId, `its end, event ${seq}, was acknowledged twice`)] : [];
  });
}

const TASKS = `
  SELECT t.id AS "taskId", t.state, t.epoch::int, t.attempt, t.series, t.agent_id AS "agentId", NULL AS "requestId",
    t.seq, t.pending, t.has_dependents AS "hasDependents", t.reason,
    coalesce(s.run_at > now(), false) AS "putOff", coalesce(s.dependencies, '[]') AS dependencies
  FROM task AS t JOIN task_spec AS s ON s.org = t.org AND s.task_id = t.id
  WHERE t.org = $1`;
const EVENTS = `
  SELECT task_id AS "taskId", seq, type, state, epoch::int, attempt, series, agent_id AS "agentId"
  FROM task_trail WHERE org = $1 ORDER BY task_id, seq`;
const EDGES = `
  SELECT task_id AS "taskId", upstream_id AS "upstreamId", state FROM task_edge WHERE org = $1`;
const RESULTS = `
  SELECT task_id AS "taskId", epoch::int, series, result_id AS "resultId", outcome FROM task_result WHERE org = $1`;
