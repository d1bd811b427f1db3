import type { TaskKey } from '../../ports/ready-index.js';
import type { Moved } from '../../ports/task-record.js';
import type { EdgeRow, TaskRow } from './rows.js';
import { findTask, keyOf, type Tables } from './tables.js';
import { movedOf, textOf, transition } from './transition.js';

/** A task that has ended, or is open again, and where the dependents that it moves are told. */
export interface Upstream {
  readonly row: TaskRow;
  readonly dependents: Moved[];
}

/** The edges of a dependent that a step changes, and the last of the tasks that change them. */
interface Step {
  readonly row: TaskRow;
  readonly edges: EdgeRow[];
  dependents: Moved[];
}

const NO_ROWS: ReadonlySet<TaskRow> = new Set();

/** The edges on which a task still waits. */
export function openEdges(tables: Tables, { org, taskId }: TaskKey): readonly EdgeRow[] {
  return (tables.edges.get(keyOf(org, taskId)) ?? []).filter(({ state }) => state === 'open');
}

/** The edges on which a task would wait if it were retried. */
export function unsatisfiedEdges(tables: Tables, { org, taskId }: TaskKey): readonly EdgeRow[] {
  return (tables.edges.get(keyOf(org, taskId)) ?? []).filter(({ state }) => state !== 'satisfied');
}

export function edgesTo(tables: Tables, { org, taskId }: TaskKey): readonly EdgeRow[] {
  return tables.edgesTo.get(keyOf(org, taskId)) ?? [];
}

/** What the event of a task that is skipped says of why: of several the one with the lowest id. */
export function causeOf(tables: Tables, edges: readonly EdgeRow[]): Readonly<Record<string, unknown>> {
  const broken = edges.filter(({ state }) => state === 'broken');
  const [first] = broken.sort((a, b) => (a.upstreamId < b.upstreamId ? -1 : 1));
  const upstream = first && findTask(tables, { org: first.org, taskId: first.upstreamId });
  return upstream ? { upstream_task_id: upstream.taskId, upstream_state: upstream.state } : {};
}

/** How an edge stands to an upstream that has ended. */
export function settledBy({ state, reason }: TaskRow, runAnyway: boolean): 'satisfied' | 'broken' {
  const succeeded = state === 'SUCCEEDED' || (state === 'SKIPPED' && reason === 'CONDITION');
  return succeeded || runAnyway ? 'satisfied' : 'broken';
}

/**
 * What the ends of tasks mean for those that depend on them.
 *
 * @param ended in the order of the record's key
 * @param changed rows that the same step has changed already; they stay as they are
 */
export function settleDependents(
  tables: Tables,
  ended: readonly Upstream[],
  now: number,
  changed: ReadonlySet<TaskRow> = NO_ROWS,
): void {
  const settle = (edge: EdgeRow, { row }: Upstream) => {
    edge.state = settledBy(row, edge.runAnyway);
  };
  for (const step of stepsOf(tables, ended, 'open', settle)) {
    if (!changed.has(step.row)) advance(tables, step, now);
  }
}

function advance(tables: Tables, { row, edges, dependents }: Step, now: number): void {
  const pending = row.pending - edges.length;
  if (row.state !== 'BLOCKED') {
    row.pending = pending;
    return;
  }
  if (edges.some(({ state }) => state === 'broken')) {
    const reason = 'UPSTREAM_FAILED';
    const said = { reason, detail: causeOf(tables, edges) };
    transition(row, now, 'SKIPPED', { state: 'SKIPPED', pending, finishTime: now, reason }, said);
  } else if (pending > 0) {
    row.pending = pending;
    return;
  } else unblock(row, now);
  dependents.push(movedOf(row));
}

function unblock(row: TaskRow, now: number): void {
  const { runAt } = row.spec;
  const runTime = runAt !== null && runAt > now ? runAt : null;
  // It ages from when it is runnable.
  const score = Math.min((runTime ?? now) - row.headStartMs, row.inheritedScore ?? Infinity);
  const state = runTime === null ? 'QUEUED' : 'SCHEDULED';
  const runnableTime = runTime === null ? now : row.runnableTime;
  const detail = { score, ...(runTime !== null && { run_time: textOf(runTime) }) };
  const { reason } = row;
  transition(row, now, 'UNBLOCKED', { state, pending: 0, runTime, runnableTime, score }, { reason, detail });
}

/**
 * What it means for those that depend on tasks that these are open again: who was skipped because
 * of them is BLOCKED, once no other upstream stands against it.
 *
 * @param revived in the order of the record's key
 */
export function reopenDependents(tables: Tables, revived: readonly Upstream[], now: number): void {
  for (const step of stepsOf(tables, revived, 'broken')) {
    const { row, edges, dependents } = step;
    if (row.state !== 'SKIPPED' || row.reason !== 'UPSTREAM_FAILED') continue;
    for (const edge of edges) edge.state = 'open';
    const pending = row.pending + edges.length;
    const all = tables.edges.get(keyOf(row.org, row.taskId)) ?? [];
    if (all.some(({ state }) => state === 'broken')) row.pending = pending;
    else {
      transition(row, now, 'BLOCKED', { state: 'BLOCKED', pending, finishTime: null, reason: '' });
      dependents.push(movedOf(row));
    }
  }
}

/** The dependents by edges in a state, with what was done to these; in the order of their ids. */
function stepsOf(
  tables: Tables,
  upstreams: readonly Upstream[],
  state: EdgeRow['state'],
  change: (edge: EdgeRow, upstream: Upstream) => void = () => {},
): readonly Step[] {
  const steps = new Map<string, Step>();
  for (const upstream of upstreams) {
    for (const edge of edgesTo(tables, upstream.row)) {
      const row = edge.state === state && findTask(tables, edge);
      if (!row) continue;
      change(edge, upstream);
      const key = keyOf(row.org, row.taskId);
      const step = steps.get(key) ?? { row, edges: [], dependents: [] };
      step.edges.push(edge);
      step.dependents = upstream.dependents;
      steps.set(key, step);
    }
  }
  return [...steps].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, step]) => step);
}
